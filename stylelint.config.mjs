// Every colour, size, radius, shadow, time and layer has a name in static/css/tokens.css; a raw one elsewhere is a mistake.
// Free: 0, hairlines of 1px and 2px, percentages, fr, parts of the window (vw, dvh), lh, degrees and turns.

const RAW_LENGTH = /(?<![\w.-])-?(?!(?:0|1|2)px)(?:\d+\.?\d*|\.\d+)(?:px|r?em|ex|ch|pt|pc|cm|mm|in)\b/;
const RAW_TIME = /(?<![\w.-])(?:\d+\.?\d*|\.\d+)m?s\b/;
const RAW_NUMBER = /^-?[\d.]/;
const PALETTE = /var\(--(?:mist|slate|night|fog|teal|mint|lime|sand)\b/;

export default {
  ignoreFiles: ["static/css/app.css", "static/css/sandbox.css", "static/css/*.src.css"],
  rules: {
    "color-no-hex": true,
    "color-named": ["never", { ignore: ["inside-function"] }],
    "function-disallowed-list": ["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "light-dark"],
    "declaration-property-value-disallowed-list": {
      "/./": [RAW_LENGTH, RAW_TIME, PALETTE],
      "/^(font-size|font-weight|line-height|letter-spacing|z-index)$/": [RAW_NUMBER],
    },
    "declaration-property-value-allowed-list": {
      font: ["inherit"],
      "font-family": [/^var\(--font-/],
      "box-shadow": ["none", /var\(--/],
    },
    // A width of the window is a variant: @variant max-md { ... }
    "media-feature-name-disallowed-list": ["width", "min-width", "max-width"],

    "at-rule-no-unknown": [true, { ignoreAtRules: ["theme", "variant", "reference", "source"] }],
    "block-no-empty": true,
    "color-no-invalid-hex": true,
    "custom-property-no-missing-var-function": true,
    "declaration-block-no-duplicate-properties": true,
    "declaration-block-no-shorthand-property-overrides": true,
    "no-duplicate-at-import-rules": true,
    "no-duplicate-selectors": true,
    "no-invalid-position-at-import-rule": true,
    "property-no-unknown": true,
    "selector-pseudo-class-no-unknown": true,
    "selector-pseudo-element-no-unknown": true,
    "unit-no-unknown": true,
  },
  overrides: [
    {
      files: ["static/css/tokens.css"],
      rules: {
        "color-no-hex": null,
        "function-disallowed-list": null,
        "declaration-property-value-disallowed-list": null,
        "declaration-property-value-allowed-list": null,
      },
    },
  ],
};
