using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Multiprocess.CodeFixes;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>Each fix, as the lines before and after it; what comes out has no diagnostic left.</summary>
public sealed class CodeFixTests
{
    private static readonly Dictionary<string, (string Before, string After)> s_cases = new()
    {
        ["An unmarked interface"] = (
            "using Multiprocess;\n\n/// <summary>Plain.</summary>\npublic interface IPlain { void Run(); "
                + "}\n\n[IpcInterface]\npublic interface IService { void Take(IPlain value); }\n",
            "using Multiprocess;\n\n/// <summary>Plain.</summary>\n[IpcInterface]\npublic interface IPlain { void Run(); }\n\n[IpcInterface]\npublic interface IService { void Take(IPlain value); }\n"),
        ["An unmarked interface inside a list"] = (
            "public interface IPlain { void Run(); }\n[Multiprocess.IpcInterface]\npublic interface IService { "
                + "System.Collections.Generic.List<IPlain> All(); }\n",
            "[Multiprocess.IpcInterface]\npublic interface IPlain { void Run(); }\n[Multiprocess.IpcInterface]\npublic interface IService { System.Collections.Generic.List<IPlain> All(); }\n"),
        ["An init accessor"] = (
            "[Multiprocess.IpcInterface]\npublic interface IService { int Size { get; init; } }\n",
            "[Multiprocess.IpcInterface]\npublic interface IService { int Size { get; set; } }\n"),
        ["A one-way method with a result"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    /// <summary>Kept.</summary>\n    "
                + "[IpcOneWay]\n    int Get();\n}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    /// <summary>Kept.</summary>\n    int Get();\n}\n"),
        ["A one-way method with other attributes"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    [IpcOneWay, IpcMethod(3)]\n    int "
                + "Get();\n}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    [IpcMethod(3)]\n    int Get();\n}\n"),
        ["A local method without a body"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    [IpcLocal]\n    int Get();\n}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    int Get();\n}\n"),
        ["A root that is not marked"] = (
            "using Multiprocess;\npublic interface IPlain { void Run(); }\npublic static class Program { public static "
                + "object Run() => IpcConnection.Connect<IPlain>(\"unix:x\"); }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain { void Run(); }\npublic static class Program { public static object Run() => IpcConnection.Connect<IPlain>(\"unix:x\"); }\n"),
        ["A root that is not marked, inferred"] = (
            "using Multiprocess;\npublic interface IPlain { void Run(); }\npublic static class Program { public static "
                + "object Run(IPlain plain) => IpcTestPair.Create(plain); }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain { void Run(); }\npublic static class Program { public static object Run(IPlain plain) => IpcTestPair.Create(plain); }\n"),
        ["A class as a root"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic "
                + "static class Program { public static object Run() => IpcConnection.Connect<Plain>(\"unix:x\"); }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic static class Program { public static object Run() => IpcConnection.Connect<IPlain>(\"unix:x\"); }\n"),
        ["A class as a root, inferred"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic "
                + "static class Program { public static object Run() => IpcTestPair.Create(new Plain()); }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic static class Program { public static object Run() => IpcTestPair.Create<IPlain>(new Plain()); }\n"),
        ["An exception that is not marked"] = (
            "using Multiprocess;\npublic class Bad : System.Exception;\n[IpcInterface]\npublic interface IPlain { void "
                + "Run(); }\npublic class Plain : IPlain { public void Run() => throw new Bad(); }\n",
            "using Multiprocess;\n[IpcFault]\npublic class Bad : System.Exception;\n[IpcInterface]\npublic interface IPlain { void Run(); }\npublic class Plain : IPlain { public void Run() => throw new Bad(); }\n"),
        ["A generic root that nothing closes"] = (
            "using Multiprocess;\n\nnamespace Demo;\n\n[IpcInterface]\npublic interface IStore<T> { T Get(); "
                + "}\n\npublic static class Program\n{\n    public static void Run() => "
                + "IpcConnection.Connect<IStore<int>>(\"unix:x\");\n}\n",
            "using Multiprocess;\n\n[assembly: IpcClosedInterface(typeof(Demo.IStore<int>))]\n\nnamespace Demo;\n\n[IpcInterface]\npublic interface IStore<T> { T Get(); }\n\npublic static class Program\n{\n    public static void Run() => IpcConnection.Connect<IStore<int>>(\"unix:x\");\n}\n"),
    };

    private static CodeFixProvider[] Providers
        => [new MarkInterfaceFix(), new MarkExceptionFix(), new NameContractFix(), new NameRootFix(), new TokenFix()];

    private static IEnumerable<string> Cases => s_cases.Keys;

    [TestCaseSource(nameof(Cases))]
    public async Task Fix_leaves_what_a_user_would_have_written(string name)
    {
        var (before, after) = s_cases[name];
        using var workspace = new AdhocWorkspace();
        var compilation = GeneratorRun.Compile(before);
        var project = workspace.AddProject("Demo", LanguageNames.CSharp)
            .WithParseOptions(GeneratorRun.ParseOptions)
            .WithCompilationOptions(compilation.Options)
            .WithMetadataReferences(compilation.References);
        var document = project.AddDocument("Source.cs", SourceText.From(before));
        var diagnostic = (await AnalyzeAsync(document)).Single();

        var actions = new List<CodeAction>();
        foreach (CodeFixProvider provider in Providers.Where(
            provider => provider.FixableDiagnosticIds.Contains(diagnostic.Id)))
        {
            await provider.RegisterCodeFixesAsync(
                new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        }

        var operations = await actions.Single().GetOperationsAsync(CancellationToken.None);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        Assert.That((await changed.GetTextAsync()).ToString().Replace("\r\n", "\n"), Is.EqualTo(after));
        Assert.That(await AnalyzeAsync(changed), Is.Empty);
    }

    [Test]
    public void Fix_is_for_a_diagnostic_that_exists()
    {
        var fixable = Providers.SelectMany(provider => provider.FixableDiagnosticIds).Distinct();

        Assert.That(fixable, Is.SubsetOf(Diagnostics.Rules.All.Select(rule => rule.Id)));
    }

    private static async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(Document document)
        => await GeneratorRun.AnalyzeAsync((CSharpCompilation)(await document.Project.GetCompilationAsync())!);
}
