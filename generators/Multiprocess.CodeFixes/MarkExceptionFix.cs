using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.CodeFixes;

/// <summary>
/// MP0029: marks the exception type that a contract's implementation throws, if this solution declares it.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MarkExceptionFix)), Shared]
public sealed class MarkExceptionFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => ["MP0029"];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax thrown || model is null)
        {
            return;
        }

        var type = model.GetTypeInfo(thrown, context.CancellationToken).Type
            ?? model.GetSymbolInfo(thrown, context.CancellationToken).Symbol as ITypeSymbol;
        if (type?.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration
            && context.Document.Project.Solution.GetDocument(declaration.SyntaxTree) is { } document)
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Mark '{type.Name}' with [IpcFault]",
                    cancellationToken => Marking.MarkAsync(document, declaration, "IpcFault", cancellationToken),
                    equivalenceKey: "IpcFault:" + type.Name),
                context.Diagnostics);
        }
    }
}
