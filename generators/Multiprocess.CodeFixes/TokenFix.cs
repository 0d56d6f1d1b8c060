using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.CodeFixes;

/// <summary>MP0011 and MP0014: changes or removes the word that is not allowed.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(TokenFix)), Shared]
public sealed class TokenFix : CodeFixProvider
{
    private const string InitAccessor = "MP0011";
    private const string OneWay = "MP0014";
    private const string LocalWithoutBody = "MP0020";

    public override ImmutableArray<string> FixableDiagnosticIds => [InitAccessor, OneWay, LocalWithoutBody];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var node = root?.FindNode(context.Span);
        if (root is null || node is null)
        {
            return;
        }

        foreach (var diagnostic in context.Diagnostics)
        {
            var (title, changed) = diagnostic.Id switch
            {
                InitAccessor => ("Use 'set'", SetInsteadOfInit(root, node)),
                OneWay => ("Remove [IpcOneWay]", WithoutAttribute(root, node, "IpcOneWay")),
                _ => ("Remove [IpcLocal]", WithoutAttribute(root, node, "IpcLocal")),
            };
            if (changed is not null)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        title,
                        _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)),
                        equivalenceKey: title),
                    diagnostic);
            }
        }
    }

    private static SyntaxNode? SetInsteadOfInit(SyntaxNode root, SyntaxNode node)
        => node.FirstAncestorOrSelf<AccessorDeclarationSyntax>() is { } accessor
            && accessor.IsKind(SyntaxKind.InitAccessorDeclaration)
            ? root.ReplaceNode(accessor, SyntaxFactory.AccessorDeclaration(
                SyntaxKind.SetAccessorDeclaration,
                accessor.AttributeLists,
                accessor.Modifiers,
                SyntaxFactory.Token(SyntaxKind.SetKeyword).WithTriviaFrom(accessor.Keyword),
                accessor.Body,
                accessor.ExpressionBody,
                accessor.SemicolonToken))
            : null;

    private static SyntaxNode? WithoutAttribute(SyntaxNode root, SyntaxNode node, string name)
    {
        var member = node.FirstAncestorOrSelf<MemberDeclarationSyntax>();
        var attribute = member?.AttributeLists
            .SelectMany(list => list.Attributes)
            .FirstOrDefault(
                attribute => attribute.Name.ToString().Split('.').Last() is var written
                    && (written == name || written == name + "Attribute"));
        if (member is null || attribute?.Parent is not AttributeListSyntax list)
        {
            return null;
        }

        if (list.Attributes.Count > 1)
        {
            return root.RemoveNode(attribute, SyntaxRemoveOptions.KeepNoTrivia);
        }

        // The line is removed with the attribute list; the comment above it stays.
        bool isFirst = member.AttributeLists[0] == list;
        var changed = member.WithAttributeLists(member.AttributeLists.Remove(list));
        return root.ReplaceNode(member, isFirst ? changed.WithLeadingTrivia(list.GetLeadingTrivia()) : changed);
    }
}
