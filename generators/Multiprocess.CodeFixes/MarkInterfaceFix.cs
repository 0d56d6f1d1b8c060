using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.CodeFixes;

/// <summary>
/// MP0004 and MP0028: marks the interface that a contract uses, or that is a root, if this solution declares it.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MarkInterfaceFix)), Shared]
public sealed class MarkInterfaceFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => ["MP0004", "MP0028"];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span) is not { } node || model is null)
        {
            return;
        }

        // The token may be a larger type, such as a list of the interface, or the name of a method if the type is
        // inferred.
        var written = node.DescendantNodesAndSelf()
            .OfType<TypeSyntax>()
            .Select(name => model.GetTypeInfo(name, context.CancellationToken).Type);
        var inferred = model.GetSymbolInfo(node, context.CancellationToken).Symbol is IMethodSymbol method
            ? method.TypeArguments
            : [];
        foreach (var each in written.Concat(inferred))
        {
            if (each?.OriginalDefinition is INamedTypeSymbol { TypeKind: TypeKind.Interface } type
                && !type.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "IpcInterfaceAttribute")
                && type.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration
                && context.Document.Project.Solution.GetDocument(declaration.SyntaxTree) is { } document)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Mark '{type.Name}' with [IpcInterface]",
                        cancellationToken
                            => Marking.MarkAsync(document, declaration, "IpcInterface", cancellationToken),
                        equivalenceKey: "IpcInterface:" + type.Name),
                    context.Diagnostics);
                return;
            }
        }
    }
}
