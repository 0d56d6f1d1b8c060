using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.CodeFixes;

/// <summary>Adds an attribute of the runtime to a type.</summary>
internal static class Marking
{
    public static async Task<Solution> MarkAsync(
        Document document,
        SyntaxReference declaration,
        string attributeName,
        CancellationToken cancellationToken)
    {
        var node = (TypeDeclarationSyntax)await declaration.GetSyntaxAsync(cancellationToken).ConfigureAwait(false);
        var root = await node.SyntaxTree.GetRootAsync(cancellationToken).ConfigureAwait(false);
        bool isImported = root.DescendantNodes()
            .OfType<UsingDirectiveSyntax>()
            .Any(import => import.Name?.ToString() == "Multiprocess");
        var attribute = SyntaxFactory.Attribute(
            SyntaxFactory.ParseName(isImported ? attributeName : "Multiprocess." + attributeName));
        var list = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(attribute))
            .WithLeadingTrivia(node.GetLeadingTrivia())
            .WithTrailingTrivia(SyntaxFactory.ElasticLineFeed);
        var indentation = node.GetLeadingTrivia()
            .Where(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia))
            .LastOrDefault();
        var marked = node.WithLeadingTrivia(indentation)
            .WithAttributeLists(SyntaxFactory.SingletonList(list).AddRange(node.WithoutLeadingTrivia().AttributeLists));
        return document.WithSyntaxRoot(root.ReplaceNode(node, marked)).Project.Solution;
    }
}
