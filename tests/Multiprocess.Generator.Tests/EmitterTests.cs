using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>The parser decides, the model carries, the emitter prints: held for every emitter's source.</summary>
public sealed class EmitterTests
{
    /// <summary>
    /// Methods that look into a text. What is only laid out anew, as lines are, goes through Replace and Split.
    /// </summary>
    private static readonly string[] s_looks =
    [
        "StartsWith", "EndsWith", "IndexOf", "LastIndexOf", "Substring", "Remove", "Trim", "TrimStart", "TrimEnd",
        "Equals", "Compare", "CompareOrdinal", "IsMatch", "Match"
    ];

    private static IEnumerable<string> Emitters
        => Directory.EnumerateFiles(Folder("Emitting"), "*.cs").Select(path => Path.GetFileName(path)!);

    [TestCaseSource(nameof(Emitters))]
    public void Emitter_compares_no_text(string file)
    {
        Assert.That(
            TextTests(Parse("Emitting", file)), Is.Empty, "What depends on a name or a type is decided by the parser.");
    }

    [TestCaseSource(nameof(Emitters))]
    public void Emitter_does_not_see_the_parser(string file)
    {
        string source = Parse("Emitting", file).ToString();

        Assert.That(source, Does.Not.Contain("Multiprocess.Generator.Parsing"));
        Assert.That(
            source,
            Does.Not.Contain("Symbol ").And.Not.Contain("Compilation "),
            "the model has no object of the compiler's");
    }

    [Test]
    public void Compiled_emitters_refer_to_nothing_of_the_parser()
    {
        var emitters = typeof(IpcGenerator).Assembly.GetTypes()
            .Where(type => type.Namespace == "Multiprocess.Generator.Emitting")
            .ToList();
        var seen = emitters.SelectMany(type => type
                .GetMembers(
                    System.Reflection.BindingFlags.DeclaredOnly
                        | System.Reflection.BindingFlags.Static
                        | System.Reflection.BindingFlags.Instance
                        | System.Reflection.BindingFlags.Public
                        | System.Reflection.BindingFlags.NonPublic)
                .SelectMany(TypesOf))
            .Where(type => type.Namespace == "Multiprocess.Generator.Parsing" || typeof(ISymbol).IsAssignableFrom(type))
            .ToList();

        Assert.That(emitters, Is.Not.Empty);
        Assert.That(seen, Is.Empty);
    }

    [TestCase("bool A(string type) => type == \"System.String\";")]
    [TestCase("bool A(string type) => type is \"System.String\" or \"x\";")]
    [TestCase("int A(string type) => type switch { \"System.String\" => 1, _ => 2 };")]
    [TestCase("int A(string type) { switch (type) { case \"a\": return 1; default: return 2; } }")]
    [TestCase("bool A(string type) => type.EndsWith('?');")]
    [TestCase("bool A(string type) => type.Contains(\"Enumerable\");")]
    [TestCase("bool A(string type) => type.Contains(Name); const string Name = \"Enumerable\";")]
    public void Comparison_of_text_is_found(string member)
    {
        Assert.That(TextTests(CSharpSyntaxTree.ParseText($"class C {{ {member} }}").GetRoot()), Is.Not.Empty);
    }

    [TestCase("bool A(string text) => text.Contains('\\n');")]
    [TestCase("bool A(string? text) => text is null || text.Length == 0;")]
    [TestCase("string A(int kind) => kind switch { 1 => \"in \", _ => \"\" };")]
    public void Layout_of_text_is_no_comparison(string member)
    {
        Assert.That(TextTests(CSharpSyntaxTree.ParseText($"class C {{ {member} }}").GetRoot()), Is.Empty);
    }

    private static IEnumerable<string> TextTests(SyntaxNode root)
        => root.DescendantNodes().Where(node => node switch
        {
            BinaryExpressionSyntax binary
                => binary.Kind() is SyntaxKind.EqualsExpression or SyntaxKind.NotEqualsExpression
                    && (IsText(binary.Left) || IsText(binary.Right)),
            ConstantPatternSyntax constant => IsText(constant.Expression),
            CaseSwitchLabelSyntax label => IsText(label.Value),
            InvocationExpressionSyntax
            {
                Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: var name }
            } call
                => s_looks.Contains(name)
                    || (name == "Contains"
                        && call.ArgumentList.Arguments is [{ Expression: var sought }]
                        && sought.ToString() != "'\\n'"),
            _ => false,
        }).Select(node => node.ToString());

    private static bool IsText(ExpressionSyntax expression)
        => expression.IsKind(SyntaxKind.StringLiteralExpression) || expression is InterpolatedStringExpressionSyntax;

    private static IEnumerable<Type> TypesOf(System.Reflection.MemberInfo member) => member switch
    {
        System.Reflection.FieldInfo field => [field.FieldType],
        System.Reflection.MethodBase method => method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method is System.Reflection.MethodInfo { ReturnType: var result } ? [result] : [])
            .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []),
        _ => [],
    };

    private static SyntaxNode Parse(string folder, string file)
        => CSharpSyntaxTree.ParseText(
            File.ReadAllText(Path.Combine(Folder(folder), file)), GeneratorRun.ParseOptions).GetRoot();

    private static string Folder(string name)
        => Path.Combine(GeneratorRun.ProjectDirectory, "../../generators/Multiprocess.Generator", name);
}
