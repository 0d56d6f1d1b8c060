using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Testing;
using Multiprocess.CodeFixes;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// Each fix, as the source before it, with its diagnostics marked, and the source after it. The package applies a fix
/// alone, and to everything in the document, the project and the solution at once. What comes out compiles and has no
/// diagnostic left.
/// </summary>
public sealed class CodeFixTests
{
    private static readonly Dictionary<string, (string Before, string After)> s_cases = new()
    {
        ["An unmarked interface"] = (
            "using Multiprocess;\n\n/// <summary>Plain.</summary>\npublic interface IPlain { void Run(); "
                + "}\n\n[IpcInterface]\npublic interface IService { void Take({|MP0004:IPlain|} value); }\n",
            "using Multiprocess;\n\n/// <summary>Plain.</summary>\n[IpcInterface]\npublic interface IPlain { void Run(); }\n\n[IpcInterface]\npublic interface IService { void Take(IPlain value); }\n"),
        ["An unmarked interface inside a list"] = (
            "public interface IPlain { void Run(); }\n[Multiprocess.IpcInterface]\npublic interface IService { "
                + "{|MP0004:System.Collections.Generic.List<IPlain>|} All(); }\n",
            "[Multiprocess.IpcInterface]\npublic interface IPlain { void Run(); }\n[Multiprocess.IpcInterface]\npublic interface IService { System.Collections.Generic.List<IPlain> All(); }\n"),
        ["An init accessor"] = (
            "[Multiprocess.IpcInterface]\npublic interface IService { int Size { get; {|MP0011:init|}; } }\n",
            "[Multiprocess.IpcInterface]\npublic interface IService { int Size { get; set; } }\n"),
        ["A one-way method with a result"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    /// <summary>Kept.</summary>\n    "
                + "[IpcOneWay]\n    int {|MP0014:Get|}();\n}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    /// <summary>Kept.</summary>\n    int Get();\n}\n"),
        ["A one-way method with other attributes"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    [IpcOneWay, IpcMethod(3)]\n    int "
                + "{|MP0014:Get|}();\n}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    [IpcMethod(3)]\n    int Get();\n}\n"),
        ["A local method without a body"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    [IpcLocal]\n    int "
                + "{|MP0020:Get|}();\n}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    int Get();\n}\n"),
        ["A root that is not marked"] = (
            "using Multiprocess;\npublic interface IPlain { void Run(); }\npublic static class Program { public static "
                + "object Run() => IpcConnection.Connect<{|MP0028:IPlain|}>(\"unix:x\"); }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain { void Run(); }\npublic static class Program { public static object Run() => IpcConnection.Connect<IPlain>(\"unix:x\"); }\n"),
        ["A root that is not marked, inferred"] = (
            "using Multiprocess;\npublic interface IPlain { void Run(); }\npublic static class Program { public static "
                + "object Run(IPlain plain) => IpcTestPair.{|MP0028:Create|}(plain); }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain { void Run(); }\npublic static class Program { public static object Run(IPlain plain) => IpcTestPair.Create(plain); }\n"),
        ["A class as a root"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic "
                + "static class Program { public static object Run() => "
                + "IpcConnection.Connect<{|MP0028:Plain|}>(\"unix:x\"); }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic static class Program { public static object Run() => IpcConnection.Connect<IPlain>(\"unix:x\"); }\n"),
        ["A class as a root, inferred"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic "
                + "static class Program { public static object Run() => IpcTestPair.{|MP0028:Create|}(new Plain()); "
                + "}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic static class Program { public static object Run() => IpcTestPair.Create<IPlain>(new Plain()); }\n"),
        ["An exception that is not marked"] = (
            "using Multiprocess;\npublic class Bad : System.Exception;\n[IpcInterface]\npublic interface IPlain { void "
                + "Run(); }\npublic class Plain : IPlain { public void Run() => throw new {|MP0029:Bad|}(); }\n",
            "using Multiprocess;\n[IpcFault]\npublic class Bad : System.Exception;\n[IpcInterface]\npublic interface IPlain { void Run(); }\npublic class Plain : IPlain { public void Run() => throw new Bad(); }\n"),
        ["A generic root that nothing closes"] = (
            "using Multiprocess;\n\nnamespace Demo;\n\n[IpcInterface]\npublic interface IStore<T> { T Get(); "
                + "}\n\npublic static class Program\n{\n    public static void Run() => "
                + "IpcConnection.Connect<{|MP0027:IStore<int>|}>(\"unix:x\");\n}\n",
            "using Multiprocess;\n\n[assembly: IpcClosedInterface(typeof(Demo.IStore<int>))]\n\nnamespace Demo;\n\n[IpcInterface]\npublic interface IStore<T> { T Get(); }\n\npublic static class Program\n{\n    public static void Run() => IpcConnection.Connect<IStore<int>>(\"unix:x\");\n}\n"),
        ["Two uses of one unmarked interface"] = (
            "using Multiprocess;\n\npublic interface IPlain { void Run(); }\n\n[IpcInterface]\npublic interface "
                + "IService { void Take({|MP0004:IPlain|} value); {|MP0004:IPlain|} Give(); }\n",
            "using Multiprocess;\n\n[IpcInterface]\npublic interface IPlain { void Run(); }\n\n[IpcInterface]\npublic interface IService { void Take(IPlain value); IPlain Give(); }\n"),
        ["Two init accessors"] = (
            "[Multiprocess.IpcInterface]\npublic interface IService { int Size { get; {|MP0011:init|}; } int Depth { "
                + "{|MP0011:init|}; } }\n",
            "[Multiprocess.IpcInterface]\npublic interface IService { int Size { get; set; } int Depth { set; } }\n"),
        ["Two one-way methods with results"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    [IpcOneWay]\n    int "
                + "{|MP0014:Get|}();\n    [IpcOneWay]\n    int {|MP0014:Find|}();\n}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IService\n{\n    int Get();\n    int Find();\n}\n"),
        ["Two roots of one interface that is not marked"] = (
            "using Multiprocess;\npublic interface IPlain { void Run(); }\npublic static class Program { public static "
                + "object[] Run() => [IpcConnection.Connect<{|MP0028:IPlain|}>(\"unix:x\"), "
                + "IpcConnection.Connect<{|MP0028:IPlain|}>(\"unix:y\")]; }\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain { void Run(); }\npublic static class Program { public static object[] Run() => [IpcConnection.Connect<IPlain>(\"unix:x\"), IpcConnection.Connect<IPlain>(\"unix:y\")]; }\n"),
        ["Two classes as roots"] = (
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic "
                + "static class Program { public static object[] Run() => "
                + "[IpcConnection.Connect<{|MP0028:Plain|}>(\"unix:x\"), IpcTestPair.{|MP0028:Create|}(new Plain())]; "
                + "}\n",
            "using Multiprocess;\n[IpcInterface]\npublic interface IPlain;\npublic class Plain : IPlain;\npublic static class Program { public static object[] Run() => [IpcConnection.Connect<IPlain>(\"unix:x\"), IpcTestPair.Create<IPlain>(new Plain())]; }\n"),
        ["Two throws of one exception"] = (
            "using Multiprocess;\npublic class Bad : System.Exception;\n[IpcInterface]\npublic interface IPlain { void "
                + "Run(); void Stop(); }\npublic class Plain : IPlain { public void Run() => throw new "
                + "{|MP0029:Bad|}(); public void Stop() => throw new {|MP0029:Bad|}(); }\n",
            "using Multiprocess;\n[IpcFault]\npublic class Bad : System.Exception;\n[IpcInterface]\npublic interface IPlain { void Run(); void Stop(); }\npublic class Plain : IPlain { public void Run() => throw new Bad(); public void Stop() => throw new Bad(); }\n"),
        ["Two roots of one generic contract"] = (
            "using Multiprocess;\n\nnamespace Demo;\n\n[IpcInterface]\npublic interface IStore<T> { T Get(); "
                + "}\n\npublic static class Program\n{\n    public static object[] Run() => "
                + "[IpcConnection.Connect<{|MP0027:IStore<int>|}>(\"unix:x\"), "
                + "IpcConnection.Connect<{|MP0027:IStore<int>|}>(\"unix:y\")];\n}\n",
            "using Multiprocess;\n\n[assembly: IpcClosedInterface(typeof(Demo.IStore<int>))]\n\nnamespace Demo;\n\n[IpcInterface]\npublic interface IStore<T> { T Get(); }\n\npublic static class Program\n{\n    public static object[] Run() => [IpcConnection.Connect<IStore<int>>(\"unix:x\"), IpcConnection.Connect<IStore<int>>(\"unix:y\")];\n}\n"),
    };

    private static CodeFixProvider[] Providers
        => [new MarkInterfaceFix(), new MarkExceptionFix(), new NameContractFix(), new NameRootFix(), new TokenFix()];

    private static IEnumerable<string> Cases => s_cases.Keys;

    [TestCaseSource(nameof(Cases))]
    public async Task Fix_leaves_what_a_user_would_have_written(string name)
    {
        var (before, after) = s_cases[name];

        await new FixTest { TestCode = before, FixedCode = after }.RunAsync();
    }

    [Test]
    public async Task Fix_marks_a_type_in_the_file_that_declares_it()
    {
        const string plain =
            "namespace Demo;\n\n/// <summary>Plain.</summary>\npublic interface IPlain { void Run(); }\n";
        const string service =
            "using Multiprocess;\nnamespace Demo;\n[IpcInterface]\npublic interface IService { void "
                + "Take({|MP0004:IPlain|} value); }\n";

        await new FixTest
        {
            TestState = { Sources = { service, plain } },
            FixedState =
            {
                Sources =
                {
                    service.Replace("{|MP0004:IPlain|}", "IPlain"),
                    plain.Replace("public interface", "[Multiprocess.IpcInterface]\npublic interface"),
                },
            },
        }.RunAsync();
    }

    [Test]
    public void Fix_is_for_a_diagnostic_that_exists()
    {
        var fixable = Providers.SelectMany(provider => provider.FixableDiagnosticIds).Distinct();

        Assert.That(fixable, Is.SubsetOf(Diagnostics.Rules.All.Select(rule => rule.Id)));
    }

    /// <summary>All fixes at once, as an IDE offers them, against the references of the other tests.</summary>
    private sealed class FixTest : CSharpCodeFixTest<IpcAnalyzer, EmptyCodeFixProvider, DefaultVerifier>
    {
        public FixTest()
        {
            ReferenceAssemblies = new ReferenceAssemblies("none");
            TestState.AdditionalReferences.AddRange(GeneratorRun.References);
        }

        protected override IEnumerable<CodeFixProvider> GetCodeFixProviders() => Providers;

        protected override ParseOptions CreateParseOptions() => GeneratorRun.ParseOptions;

        protected override CompilationOptions CreateCompilationOptions() => GeneratorRun.Compile("").Options;
    }
}
