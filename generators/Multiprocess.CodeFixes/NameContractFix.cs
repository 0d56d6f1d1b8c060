using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.CodeFixes;

/// <summary>MP0027: names the generic contract in the file that makes it the root of a connection.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(NameContractFix)), Shared]
public sealed class NameContractFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => ["MP0027"];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is CompilationUnitSyntax file
            && model is not null
            && file.FindNode(context.Span) is TypeSyntax written
            && model.GetTypeInfo(written, context.CancellationToken).Type
                is INamedTypeSymbol { IsGenericType: true } type)
        {
            string title =
                $"Name '{type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)}' with [assembly: "
                    + $"IpcClosedInterface]";
            context.RegisterCodeFix(
                CodeAction.Create(
                    title,
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(WithMention(file, type))),
                    equivalenceKey: title),
                context.Diagnostics);
        }
    }

    private static CompilationUnitSyntax WithMention(CompilationUnitSyntax file, INamedTypeSymbol type)
    {
        bool isImported = file.Usings.Any(import => import.Name?.ToString() == "Multiprocess");
        var named = SyntaxFactory.TypeOfExpression(SyntaxFactory.ParseTypeName(
            type.ToDisplayString(
                SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(
                    SymbolDisplayGlobalNamespaceStyle.Omitted))));
        var attribute = SyntaxFactory.Attribute(
            SyntaxFactory.ParseName((isImported ? "" : "Multiprocess.") + "IpcClosedInterface"),
            SyntaxFactory.AttributeArgumentList(
                SyntaxFactory.SingletonSeparatedList(SyntaxFactory.AttributeArgument(named))));
        var target = SyntaxFactory.AttributeTargetSpecifier(SyntaxFactory.Token(SyntaxKind.AssemblyKeyword))
            .WithColonToken(SyntaxFactory.Token(SyntaxKind.ColonToken).WithTrailingTrivia(SyntaxFactory.Space));
        var list = SyntaxFactory.AttributeList(target, SyntaxFactory.SingletonSeparatedList(attribute))
            .WithTrailingTrivia(SyntaxFactory.ElasticLineFeed, SyntaxFactory.ElasticLineFeed);
        if (file.Usings.Count != 0 && file.AttributeLists.Count == 0)
        {
            list = list.WithLeadingTrivia(SyntaxFactory.ElasticLineFeed);
            if (file.Members.FirstOrDefault() is { } first
                && first.GetLeadingTrivia().FirstOrDefault().IsKind(SyntaxKind.EndOfLineTrivia))
            {
                // The first member already has an empty line before it.
                list = list.WithTrailingTrivia(SyntaxFactory.ElasticLineFeed);
            }
        }

        return file.AddAttributeLists(list);
    }
}
