using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// Types of an assembly that is referred to under an alias: generated code names them where it can, and else they are
/// refused.
/// </summary>
public sealed class ExternAliasTests
{
    private const string Usings =
        "extern alias one; using System; using System.Collections.Generic; using System.Threading.Tasks; using "
            + "Multiprocess; namespace Demo; ";

    private const string Shared = """
        using System; using Multiprocess; namespace Shared;
        public record Person(int Age); public record Box<T>(T Value); public enum Kind { A } public delegate void Heard(int x);
        public interface IBase { int Get(); } [IpcInterface] public interface IRegistry { void Add(int x); } [IpcInterface] public interface IStore<T> { T Get(); }
        [IpcUnion(1, typeof(Circle))] public abstract record Shape; public record Circle(int Radius) : Shape;
        public class Cv : IIpcConverter<Guid> { public static void Write(ref MessagePack.MessagePackWriter w, Guid v) => w.Write(v.ToString()); public static Guid Read(ref MessagePack.MessagePackReader r) => Guid.Parse(r.ReadString()!); }
        """;

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case(
            "a record", "[IpcInterface] public interface IService { {|MP0003:one::Shared.Person|} Get(); }");
        yield return Case(
            "an enum", "[IpcInterface] public interface IService { void Take({|MP0003:one::Shared.Kind|} x); }");
        yield return Case(
            "a record inside",
            "[IpcInterface] public interface IService { {|MP0003:Task<Dictionary<int, one::Shared.Person[]>>|} Get(); "
                + "}");
        yield return Case(
            "a generic record",
            "[IpcInterface] public interface IService { void Take({|MP0003:one::Shared.Box<int>|} x); }");
        yield return Case(
            "a member's type",
            "public record Row(one::Shared.Person Person); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Row|} x); }");
        yield return Case(
            "a delegate", "[IpcInterface] public interface IService { void Take({|MP0003:one::Shared.Heard|} x); }");
        yield return Case(
            "an argument of a delegate",
            "[IpcInterface] public interface IService { void Take({|MP0003:Func<int, one::Shared.Person>|} x); }");
        yield return Case(
            "an event's argument",
            "[IpcInterface] public interface IService { event {|MP0003:EventHandler<one::Shared.Person>|} Changed; }");
        yield return Case(
            "a contract", "[IpcInterface] public interface IService { {|MP0003:one::Shared.IRegistry|} Get(); }");
        yield return Case(
            "a closed contract",
            "[IpcInterface] public interface IService { {|MP0003:one::Shared.IStore<int>|} Get(); }");
        yield return Case("a base", "[IpcInterface] public interface IService : {|MP0003:one::Shared.IBase|} { }");
        yield return Case(
            "a union", "[IpcInterface] public interface IService { void Take({|MP0003:one::Shared.Shape|} x); }");
        yield return Case(
            "a converter",
            "[IpcInterface] public interface IService { void Take([{|MP0022:IpcConverter(typeof(one::Shared.Cv))|}] "
                + "Guid x); }");
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Type_behind_an_alias_alone_is_refused_at_its_use(string marked)
    {
        var markup = Markup.Parse(Usings + marked);
        var compilation = GeneratorRun.Compile(markup.Source).AddReferences(Library("one"));

        var found = await GeneratorRun.AnalyzeAsync(compilation);

        Assert.That(
            found.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan)).Distinct(),
            Is.EquivalentTo(markup.Expected),
            () => string.Join('\n', found));
        Assert.That(
            found.Select(diagnostic => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)),
            Has.All.Contains("alias 'one'"));
        Assert.That(
            GeneratorRun.Generate(compilation).Single().SourceText.ToString(),
            Does.Contain("#error").And.Not.Contains("class "));
    }

    [TestCaseSource(nameof(Cases))]
    public void Type_that_has_no_alias_too_crosses(string marked)
    {
        GeneratorRun.GenerateAndCompile(
            GeneratorRun.Compile(Markup.Parse(Usings + marked).Source).AddReferences(Library("global", "one")));
    }

    [Test]
    public async Task Types_of_one_name_behind_two_aliases_are_both_refused()
    {
        var compilation = GeneratorRun.Compile(
            "extern alias one; extern alias two; namespace Demo; [Multiprocess.IpcInterface] public interface IService "
                + "{ one::Shared.Person A(one::Shared.Person p); two::Shared.Person B(two::Shared.Person p); }")
            .AddReferences(
                Library("one"),
                GeneratorRun.CompileLibrary(
                    false, "namespace Shared; public record Person(string Name);").WithAliases(["two"]));

        var found = await GeneratorRun.AnalyzeAsync(compilation);

        Assert.That(found.Select(diagnostic => diagnostic.Id), Is.EqualTo(Enumerable.Repeat("MP0003", 4)));
    }

    private static Microsoft.CodeAnalysis.MetadataReference Library(params string[] aliases)
        => GeneratorRun.CompileLibrary(false, Shared).WithAliases(aliases);

    private static TestCaseData Case(string name, string marked) => new TestCaseData(marked).SetArgDisplayNames(name);
}
