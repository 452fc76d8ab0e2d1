type Program = hbs.AST.Program;
type Statement = hbs.AST.Statement;

/** What a partial that is being put in place may itself call. */
interface Scope {
  readonly block?: { readonly program: Program; readonly scope: Scope };
  readonly inlines: ReadonlyMap<string, { readonly program: Program; readonly scope: Scope }>;
  /** The partials that lead here: none is put into itself. */
  readonly within: readonly string[];
}

/** A template with the partials that it calls put where they are called: a call costs more than what most of them say. Calls with arguments stay. */
export function inlinePartials(template: Program, partial: (name: string) => Program | undefined): Program {
  const programIn = (program: Program, scope: Scope): Program => ({
    ...program,
    body: program.body.flatMap((one) => statementIn(one, scope)),
  });

  const statementIn = (one: Statement, scope: Scope): readonly Statement[] => {
    switch (one.type) {
      case 'BlockStatement':
        return [branched(one as hbs.AST.BlockStatement, scope)];
      case 'PartialStatement':
        return called(one as hbs.AST.PartialStatement, scope);
      case 'PartialBlockStatement':
        return wrapped(one as hbs.AST.PartialBlockStatement, scope);
      default:
        return [one];
    }
  };

  const branched = (block: hbs.AST.BlockStatement, scope: Scope): hbs.AST.BlockStatement => ({
    ...block,
    program: programIn(block.program, scope),
    ...(block.inverse ? { inverse: programIn(block.inverse, scope) } : {}),
  });

  const called = (one: hbs.AST.PartialStatement, scope: Scope): readonly Statement[] => {
    const name = nameOf(one);
    const given = name === '@partial-block' ? scope.block : scope.inlines.get(name ?? '');
    const found = given ?? inside(name, scope);
    if (!found) return [one];
    const indent = one.indent ? [{ ...one, type: 'ContentStatement', value: one.indent } as Statement] : [];
    return [...indent, ...programIn(found.program, found.scope).body];
  };

  const wrapped = (one: hbs.AST.PartialBlockStatement, scope: Scope): readonly Statement[] => {
    const found = inside(nameOf(one), scope);
    if (!found) return [{ ...one, program: programIn(one.program, scope) } as Statement];
    const inlines = new Map(scope.inlines);
    const body: Statement[] = [];
    for (const statement of one.program.body) {
      if (statement.type !== 'DecoratorBlock') body.push(statement);
      else {
        const { params, program } = statement as hbs.AST.DecoratorBlock;
        inlines.set((params[0] as hbs.AST.StringLiteral).value, { program, scope });
      }
    }
    const block = { program: { ...one.program, body }, scope: { ...scope, inlines } };
    return programIn(found.program, { ...found.scope, block, inlines }).body;
  };

  /** A partial of the files, as it is called from here. */
  const inside = (name: string | undefined, { inlines, within }: Scope) => {
    const program = name === undefined || within.includes(name) ? undefined : partial(name);
    return name !== undefined && program
      ? { program, scope: { inlines, within: [...within, name] } satisfies Scope }
      : undefined;
  };

  return programIn(template, { inlines: new Map(), within: [] });
}

/** The name of a partial that is called by its name alone. */
function nameOf({ name, params, hash }: Pick<hbs.AST.PartialStatement, 'name' | 'params' | 'hash'>) {
  const plain = name.type === 'PathExpression' && params.length === 0 && !hash;
  return plain ? name.original : undefined;
}
