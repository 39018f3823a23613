// Few rules, each for a fault that has happened: HTML strings (the page's policy refuses them), dead names, loose equality.

const HTML_STRINGS = "Build nodes with el() of ui/dom.js: the policy of the page forbids HTML strings.";

export default [
  { ignores: ["static/vendor/**", "static/css/**"] },
  {
    files: ["static/js/**/*.js", "features/*/static/**/*.js", "tests/js/**/*.mjs", "tools/**/*.mjs"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-unused-vars": ["error", { caughtErrors: "all" }],
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-alert": "error",
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "parseFromString", "createContextualFragment", "setHTMLUnsafe"].map(
          (property) => ({ property, message: HTML_STRINGS }),
        ),
        { object: "document", property: "write", message: HTML_STRINGS },
      ],
    },
  },
];
