/** What eslint looks for: mistakes, as prettier decides about form. */

const globals = Object.fromEntries(
    ["Chart", "console", "document", "Event", "getComputedStyle", "luxon", "window"].map(
        (name) => [name, "readonly"]
    )
);

export default [
    {
        files: ["queue_job*/static/**/*.js"],
        languageOptions: { ecmaVersion: 2022, sourceType: "module", globals },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            curly: "error",
            eqeqeq: "error",
            "for-direction": "error",
            "getter-return": "error",
            "no-async-promise-executor": "error",
            "no-class-assign": "error",
            "no-compare-neg-zero": "error",
            "no-cond-assign": "error",
            "no-console": "error",
            "no-const-assign": "error",
            "no-constant-binary-expression": "error",
            "no-constant-condition": "error",
            "no-debugger": "error",
            "no-dupe-class-members": "error",
            "no-dupe-else-if": "error",
            "no-dupe-keys": "error",
            "no-duplicate-case": "error",
            "no-empty": "error",
            "no-empty-pattern": "error",
            "no-eval": "error",
            "no-ex-assign": "error",
            "no-fallthrough": "error",
            "no-func-assign": "error",
            "no-import-assign": "error",
            "no-irregular-whitespace": "error",
            "no-loss-of-precision": "error",
            "no-prototype-builtins": "error",
            "no-redeclare": "error",
            "no-self-assign": "error",
            "no-shadow": "error",
            "no-sparse-arrays": "error",
            "no-this-before-super": "error",
            "no-throw-literal": "error",
            "no-undef": "error",
            "no-unreachable": "error",
            "no-unsafe-finally": "error",
            "no-unsafe-negation": "error",
            "no-unsafe-optional-chaining": "error",
            "no-unused-expressions": "error",
            "no-unused-vars": "error",
            "no-var": "error",
            "no-with": "error",
            "prefer-const": "error",
            "require-yield": "error",
            "use-isnan": "error",
            "valid-typeof": "error",
        },
    },
];
