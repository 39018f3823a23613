// What lib may use beside the language itself (tsconfig.lib.json gives it no browser): pure, and in node as well.

declare class URL {
    constructor(address: string);
    readonly href: string;
    readonly protocol: string;
    readonly hostname: string;
}
