/** A primitive that one minting function has parsed; nobody downstream checks it again. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
