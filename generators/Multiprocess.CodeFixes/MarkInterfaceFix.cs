using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.CodeFixes;

/// <summary>MP0004: marks the interface that a contract uses, where this solution declares it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MarkInterfaceFix)), Shared]
public sealed class MarkInterfaceFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => ["MP0004"];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span) is not { } node || model is null)
        {
            return;
        }

        // The token may be a larger type, such as a list of the interface.
        foreach (var name in node.DescendantNodesAndSelf().OfType<TypeSyntax>())
        {
            if (model.GetTypeInfo(name, context.CancellationToken).Type is INamedTypeSymbol { TypeKind: TypeKind.Interface } type
                && !type.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "IpcInterfaceAttribute")
                && type.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration
                && context.Document.Project.Solution.GetDocument(declaration.SyntaxTree) is { } document)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Mark '{type.Name}' with [IpcInterface]",
                        cancellationToken => MarkAsync(document, declaration, cancellationToken),
                        equivalenceKey: "IpcInterface:" + type.Name),
                    context.Diagnostics);
                return;
            }
        }
    }

    private static async Task<Solution> MarkAsync(Document document, SyntaxReference declaration, CancellationToken cancellationToken)
    {
        var node = (InterfaceDeclarationSyntax)await declaration.GetSyntaxAsync(cancellationToken).ConfigureAwait(false);
        var root = await node.SyntaxTree.GetRootAsync(cancellationToken).ConfigureAwait(false);
        bool isImported = root.DescendantNodes().OfType<UsingDirectiveSyntax>().Any(import => import.Name?.ToString() == "Multiprocess");
        var attribute = SyntaxFactory.Attribute(SyntaxFactory.ParseName(isImported ? "IpcInterface" : "Multiprocess.IpcInterface"));
        var list = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(attribute))
            .WithLeadingTrivia(node.GetLeadingTrivia())
            .WithTrailingTrivia(SyntaxFactory.ElasticLineFeed);
        var indentation = node.GetLeadingTrivia().Where(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)).LastOrDefault();
        var marked = node.WithLeadingTrivia(indentation).WithAttributeLists(SyntaxFactory.SingletonList(list).AddRange(node.WithoutLeadingTrivia().AttributeLists));
        return document.WithSyntaxRoot(root.ReplaceNode(node, marked)).Project.Solution;
    }
}
