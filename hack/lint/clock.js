// A plugin of oxlint, which has no rule for this: `new Date()` reads the clock, `new Date(ms)` only converts. Plain JavaScript, so
// that it also loads under an old system Node.

const message = 'src/core has no clock: Date without an argument reads it; time comes in as an argument.';

const noClock = {
  create(context) {
    const check = (node) => {
      const { callee } = node;
      if (callee.type === 'Identifier' && callee.name === 'Date' && node.arguments.length === 0) context.report({ node, message });
    };
    return { NewExpression: check, CallExpression: check };
  },
};

export default { meta: { name: 'plateau' }, rules: { 'no-clock': noClock } };
