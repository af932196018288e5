// caught by: no-unlisted-rooms-of-loners
export type Loner = 1;
