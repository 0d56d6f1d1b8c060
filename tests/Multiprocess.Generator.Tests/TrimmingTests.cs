using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// Classes whose methods the linker of trimmed programs confuses. Most cases were published trimmed and run: what is
/// marked failed to load, and what is not marked loaded.
/// </summary>
public sealed class TrimmingTests
{
    private const string Usings = """
        using System.Collections.Generic;
        using System.Threading.Tasks;
        using Multiprocess;

        """;

    private static readonly Dictionary<string, string> s_cases = new()
    {
        ["Two ranks"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(int[,] v); } public class "
                + "Service : IService { public void Take(int[] v) { } public void {|MP0032:Take|}(int[,] v) { } }",
        ["Three ranks, the array last"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(int[,] v); void Take(int[,,] v); "
                + "} public class Service : IService { public void {|MP0032:Take|}(int[,,] v) { } public void "
                + "{|MP0032:Take|}(int[,] v) { } public void Take(int[] v) { } }",
        ["Explicit"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(int[,] v); } public class "
                + "Service : IService { public void Take(int[] v) { } void IService.Take(int[,] v) { } }",
        ["A struct"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(int[,] v); } public struct "
                + "Service : IService { public void Take(int[] v) { } public void {|MP0032:Take|}(int[,] v) { } }",
        ["In a collection"] =
            "[IpcInterface] public interface IService { void Take(List<int[]> v); void Take(List<int[,]> v); } public "
                + "class Service : IService { public void Take(List<int[]> v) { } public void "
                + "{|MP0032:Take|}(List<int[,]> v) { } }",
        ["In a tuple"] =
            "[IpcInterface] public interface IService { void Take((int[] A, int B) v); void Take((int[,] A, int B) v); "
                + "} public class Service : IService { public void Take((int[] A, int B) v) { } public void "
                + "{|MP0032:Take|}((int[,] A, int B) v) { } }",
        ["In arrays"] =
            "[IpcInterface] public interface IService { void Take(int[][] v); void Take(int[][,] v); void Take(int[] "
                + "v); } public class Service : IService { public void Take(int[][] v) { } public void "
                + "{|MP0032:Take|}(int[][,] v) { } public void Take(int[] v) { } }",
        ["As many dimensions, at other places"] =
            "[IpcInterface] public interface IService { void Take(int[,] a, int[] b); void Take(int[] a, int[,] b); } "
                + "public class Service : IService { public void Take(int[,] a, int[] b) { } public void "
                + "{|MP0032:Take|}(int[] a, int[,] b) { } }",
        ["Half in the base class"] =
            "[IpcInterface] public interface IOne { void Take(int[] v); } [IpcInterface] public interface IOther { "
                + "void "
                + "Take(int[,] v); } public class Base : IOne { public void Take(int[] v) { } } public class Service : "
                + "Base, IOther { public void Take(int[,] v) { } }",
        ["By reference"] =
            "[IpcInterface] public interface IService { void Take(ref int[] v); void Take(ref int[,] v); } public "
                + "class Service : IService { public void Take(ref int[] v) { } public void "
                + "{|MP0032:Take|}(ref int[,] v) { } }",
        ["One of them by reference"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(ref int[,] v); } public class "
                + "Service : IService { public void Take(int[] v) { } public void Take(ref int[,] v) { } }",
        ["An indexer, once for both accessors"] =
            "[IpcInterface] public interface IService { int this[int[] v] { get; set; } int this[int[,] v] { get; set; "
                + "} } public class Service : IService { public int this[int[] v] { get => 1; set { } } public int "
                + "{|MP0032:this|}[int[,] v] { get => 1; set { } } }",
        ["A method of the class alone"] =
            "[IpcInterface] public interface IService { void Take(int[,] v); } public class Service : IService { "
                + "public "
                + "void Take(int[] v) { } public void Take(int[,] v) { } }",
        ["A method of the base class"] =
            "[IpcInterface] public interface IService { void Take(int[,] v); } public class Base { public void "
                + "Take(int[] v) { } } public class Service : Base, IService { public void Take(int[,] v) { } }",
        ["Inherited from a base class that is no service"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(int[,] v); } public class Base { "
                + "public void Take(int[] v) { } public void Take(int[,] v) { } } public class {|MP0032:Service|} : "
                + "Base, IService;",
        ["Once, at the base class that is a service"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(int[,] v); } public class Base : "
                + "IService { public void Take(int[] v) { } public void {|MP0032:Take|}(int[,] v) { } } public class "
                + "Service : Base;",
        ["A generic contract closed twice"] =
            "[IpcInterface] public interface IStore<T> { void Take(T v); } public class Service : IStore<int[]>, "
                + "IStore<int[,]> { public void Take(int[] v) { } public void {|MP0032:Take|}(int[,] v) { } }",
        ["Two contracts"] =
            "[IpcInterface] public interface IOne { void Take(int[] v); } [IpcInterface] public interface IOther { "
                + "void "
                + "Take(int[,] v); } public class Service : IOther, IOne { public void {|MP0032:Take|}(int[,] v) { } "
                + "public void Take(int[] v) { } }",
        ["A contract and another interface"] =
            "public interface IPlain { void Take(int[] v); } [IpcInterface] public interface IService { void "
                + "Take(int[,] v); } public class Service : IPlain, IService { public void Take(int[] v) { } public "
                + "void {|MP0032:Take|}(int[,] v) { } }",
        ["Other elements"] =
            "[IpcInterface] public interface IService { void Take(int[] v); void Take(long[,] v); } public class "
                + "Service : IService { public void Take(int[] v) { } public void Take(long[,] v) { } }",
        ["Another rank alone"] =
            "[IpcInterface] public interface IService { void Take(int[,] v); void Put(int[] v); } public class Service "
                + ": IService { public void Take(int[,] v) { } public void Put(int[] v) { } }",
        ["No contract"] =
            "public interface IPlain { void Take(int[] v); void Take(int[,] v); } public class Plain : IPlain { public "
                + "void Take(int[] v) { } public void Take(int[,] v) { } }",
    };

    private static IEnumerable<string> Cases => s_cases.Keys;

    [TestCaseSource(nameof(Cases))]
    public async Task Lost_overload_is_reported_where_it_is_implemented(string name)
    {
        var markup = Markup.Parse(Usings + s_cases[name]);

        var found = await GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(markup.Source));

        Assert.That(
            found.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan)),
            Is.EquivalentTo(markup.Expected),
            () => string.Join("\n", found));
    }

    [Test]
    public async Task Message_names_both_overloads_and_the_contract()
    {
        var markup = Markup.Parse(Usings + s_cases["Two ranks"]);

        var found = await GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(markup.Source));

        Assert.That(
            found.Single().GetMessage(),
            Is.EqualTo(
                "'Service.Take(int[*,*])' differs from 'Service.Take(int[])' only in the rank of an array: a trimmed "
                    + "program keeps one of them and cannot load the class; implement it explicitly, as a member of "
                    + "'IService', or give it another name"));
    }
}
