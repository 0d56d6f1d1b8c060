using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.CodeFixes;

/// <summary>MP0028: names the contract of a class that was given or inferred as the root.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(NameRootFix)), Shared]
public sealed class NameRootFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => ["MP0028"];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not TypeSyntax written || model is null)
        {
            return;
        }

        var method = model.GetSymbolInfo(written, context.CancellationToken).Symbol as IMethodSymbol;
        var given = method is null
            ? model.GetTypeInfo(written, context.CancellationToken).Type
            : method.TypeArguments.FirstOrDefault();
        if (given is not { TypeKind: TypeKind.Class or TypeKind.Struct })
        {
            return;
        }

        foreach (var contract in given.AllInterfaces.Where(
            each => each.OriginalDefinition.GetAttributes().Any(
                attribute => attribute.AttributeClass?.Name == "IpcInterfaceAttribute")))
        {
            var name = SyntaxFactory.ParseTypeName(contract.ToMinimalDisplayString(model, written.SpanStart));
            TypeSyntax changed = method is null
                ? name
                : SyntaxFactory.GenericName(
                    ((SimpleNameSyntax)written).Identifier.WithoutTrivia(),
                    SyntaxFactory.TypeArgumentList(SyntaxFactory.SingletonSeparatedList(name)));
            string title = $"Use '{contract.Name}' as the root";
            context.RegisterCodeFix(
                CodeAction.Create(
                    title,
                    _ => Task.FromResult(
                        context.Document.WithSyntaxRoot(root.ReplaceNode(written, changed.WithTriviaFrom(written)))),
                    equivalenceKey: title),
                context.Diagnostics);
        }
    }
}
