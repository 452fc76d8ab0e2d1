/** What a template may call by name. */
export interface Callable {
  readonly helpers: ReadonlySet<string>;
  readonly partials: ReadonlyMap<string, hbs.AST.Program>;
}

export interface Place {
  readonly name: string;
  readonly line: number;
}

/** Partials within partials: one that calls itself never ends. */
const DEEPEST = 12;

/** Names given as {{> partial name=…}}: they are known, whatever they hold. */
const GIVEN = Symbol('given');

/**
 * The paths of a parsed template, its partials and blocks included, that the sample view does not have. Handlebars' own `strict` does not look
 * at arguments of helpers, so this follows {{#if}}, {{#each}} and sub-expressions with the sample in hand.
 */
export function unknownNames(program: hbs.AST.Program, view: unknown, names: Callable): string[] {
  return [...new Set(unknownPlaces(program, view, names).map(({ name }) => name))];
}

/** The same, each with its line. */
export function unknownPlaces(program: hbs.AST.Program, view: unknown, names: Callable): Place[] {
  const found: Place[] = [];
  let deep = 0;
  const inline = new Map<string, hbs.AST.Program>();

  function look(path: hbs.AST.PathExpression, stack: readonly unknown[]): unknown {
    if (path.data) return 0;
    let value = stack[stack.length - 1 - path.depth];
    for (const part of path.parts) {
      if (value === GIVEN) return GIVEN;
      if (typeof value === 'string' && part === 'length') return 0;
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
        found.push({ name: path.original, line: path.loc.start.line });
        return GIVEN;
      }
      value = (value as Record<string, unknown>)[part];
    }
    return value;
  }

  function call(
    node: hbs.AST.SubExpression | hbs.AST.MustacheStatement | hbs.AST.BlockStatement,
    stack: readonly unknown[],
  ): unknown {
    const path = node.path as hbs.AST.PathExpression;
    const given = node.params.map((param) => expression(param, stack));
    node.hash?.pairs.forEach((pair) => expression(pair.value, stack));
    if (names.helpers.has(path.original) || BUILT_IN.has(path.original)) return given[0] ?? GIVEN;
    return look(path, stack);
  }

  function expression(node: hbs.AST.Expression, stack: readonly unknown[]): unknown {
    if (node.type === 'PathExpression') {
      const path = node as hbs.AST.PathExpression;
      return names.helpers.has(path.original) ? GIVEN : look(path, stack);
    }
    if (node.type === 'SubExpression') return call(node as hbs.AST.SubExpression, stack);
    return GIVEN;
  }

  function partial(node: hbs.AST.PartialStatement, stack: readonly unknown[], block?: hbs.AST.Program): void {
    const name = (node.name as hbs.AST.PathExpression).original;
    if (name === '@partial-block') return;
    const body = inline.get(name) ?? names.partials.get(name);
    if (body === undefined || deep > DEEPEST) {
      found.push({ name: `> ${name}`, line: node.loc.start.line });
      return;
    }
    deep += 1;
    const added = Object.fromEntries(
      (node.hash?.pairs ?? []).map((pair) => [pair.key, expression(pair.value, stack)]),
    );
    const top = stack.at(-1);
    const context = typeof top === 'object' && top !== null ? { ...OPTIONAL, ...top, ...added } : top;
    if (block !== undefined) walk(block, stack);
    walk(body, [...stack.slice(0, -1), context]);
    deep -= 1;
  }

  function walk(body: hbs.AST.Program, stack: readonly unknown[]): void {
    for (const node of body.body) {
      if (node.type === 'MustacheStatement') call(node as hbs.AST.MustacheStatement, stack);
      if (node.type === 'PartialStatement') partial(node as hbs.AST.PartialStatement, stack);
      if (node.type === 'DecoratorBlock') {
        const { params, program } = node as unknown as hbs.AST.DecoratorBlock;
        inline.set((params[0] as hbs.AST.StringLiteral).value, program);
        walk(program, stack);
      }
      if (node.type === 'PartialBlockStatement') {
        const block = node as hbs.AST.PartialBlockStatement;
        partial(block as unknown as hbs.AST.PartialStatement, stack, block.program);
      }
      if (node.type === 'BlockStatement') block(node as hbs.AST.BlockStatement, stack);
    }
  }

  function block(node: hbs.AST.BlockStatement, stack: readonly unknown[]): void {
    const given = call(node, stack);
    const each = node.path.original === 'each';
    // Every element is looked at together: an optional field counts when one element has it.
    const element =
      Array.isArray(given) && given.every((one) => typeof one === 'object')
        ? Object.assign({}, ...given)
        : GIVEN;
    walk(node.program, each ? [...stack, element] : stack);
    if (node.inverse !== undefined && node.inverse !== null) walk(node.inverse, stack);
  }

  walk(program, [view]);
  return found;
}

const BUILT_IN = new Set(['if', 'unless', 'each', 'with']);

/** What the field partials may be given and need not be. */
const OPTIONAL = { required: GIVEN, error: GIVEN };
