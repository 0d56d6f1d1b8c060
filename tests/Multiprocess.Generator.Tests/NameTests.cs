using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Generated;
using Multiprocess.Generator.Parsing;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// No name of the user's meets one of the generated code's: what is emitted compiles whatever the user calls things.
/// </summary>
public sealed partial class NameTests
{
    private const string Usings =
        "using System; using System.Collections.Generic; using System.Threading; using System.Threading.Tasks; using "
            + "Multiprocess;\n";

    private static readonly Dictionary<string, string> s_contracts = new()
    {
        ["Nested twins"] =
            "namespace Demo; public static class Outer { [IpcInterface] public interface IService { void A(); } "
                + "[IpcInterface] public interface Service { void A(); } }",
        ["A nested contract and an underscore"] =
            "namespace Demo; public static class Outer { [IpcInterface] public interface IService { void A(); } } "
                + "[IpcInterface] public interface IOuter_Service { void B(); }",
        ["A nested exception and an underscore"] =
            "namespace Demo; public class Outer { [IpcFault] public class Bad : Exception; } [IpcFault] public class "
                + "Outer_Bad : Exception; [IpcInterface] public interface IService { void A(); }",
        ["An enum called as a record's codec"] =
            "namespace Media; public enum VideoCodec { H264, Av1 } public record Video(int Id, VideoCodec Codec); "
                + "[IpcInterface] public interface IPlayer { void Play(Video video); }",
        ["A generic type called as a record's codec"] =
            "namespace Demo; public record VideoCodec<T>(T Value); public record Video(int Id, VideoCodec<int> Codec); "
                + "[IpcInterface] public interface IPlayer { void Play(Video video); }",
        ["A namespace called as a record's codec"] =
            "namespace Demo { public record Video(int Id); [IpcInterface] public interface IPlayer { void Play(Video "
                + "video, VideoCodec.Kind kind); } } namespace Demo.VideoCodec { public enum Kind { A } } namespace "
                + "Demo.PlayerProxy { public enum Kind { A } }",
        ["Types called as a delegate's proxy and stub"] =
            "namespace Demo; public record ActionOfInt32Proxy(int A); public class ActionOfInt32Stub { public int B { "
                + "get; set; } } [IpcInterface] public interface IService { ActionOfInt32Proxy A(Action<int> f, "
                + "ActionOfInt32Stub s); }",
        ["Types called as the contract's own proxy and stub"] =
            "namespace Demo; public record ServiceProxy(int A); [IpcInterface] public interface IServiceStub { void "
                + "Run(); } [IpcInterface] public interface IService { ServiceProxy A(IServiceStub stub, Service f); } "
                + "public delegate void Service(int a);",
        ["A contract and a delegate of one name"] =
            "namespace Demo; public delegate void Service(int a); [IpcInterface] public interface IService { void "
                + "Run(Service service, Action<int> f, ActionOfInt32 g); } public delegate void ActionOfInt32(string "
                + "s);",
        ["The user's own proxy in the namespace around"] =
            "namespace Demo { public class ServiceProxy { public int A; } namespace Inner { [IpcInterface] public "
                + "interface IService { void A(); } public class User { public int B(ServiceProxy proxy) => proxy.A; } "
                + "} }",
        ["The user's own proxy in an imported namespace"] =
            "namespace Demo { using Library; [IpcInterface] public interface IService { void A(); } public class User "
                + "{ public int B(ServiceProxy proxy) => proxy.A; } } namespace Library { public class ServiceProxy { "
                + "public int A; } }",
        ["Contracts that differ in their namespaces' dots"] =
            "namespace A.B { [IpcInterface] public interface IService { void A(); } } namespace A_B { [IpcInterface] "
                + "public interface IService { void A(); } } namespace A { public class B_C { [IpcInterface] public "
                + "interface IService { void A(); } } }",
        ["Closed contracts of one name"] =
            "[assembly: IpcClosedInterface(typeof(Demo.IStore<Demo.Row>)), "
                + "IpcClosedInterface(typeof(Demo.IStore<Demo.Other.Row>)), "
                + "IpcClosedInterface(typeof(Demo.Store<Demo.Row>))] namespace Demo { [IpcInterface] public interface "
                + "IStore<T> { T Get(); } [IpcInterface] public interface Store<T> { T Get(); } [IpcInterface] public "
                + "interface IStoreOfRow { Row Get(); } public record Row(int A); namespace Other { public record "
                + "Row(int B); } }",
        ["A runtime type as a contract"] =
            "namespace Demo; [IpcInterface] public interface IIpc { void A(); } [IpcInterface] public interface "
                + "IContract { IIpc A(Ipc f); } public delegate void Ipc(); public record Int32(int A); [IpcInterface] "
                + "public interface ICreate { Int32 Register(Action<Int32> a); }",
        ["Parameters called as what the stub has"] =
            "namespace Demo; [IpcInterface] public interface IOne { int Run(int target, int target_, int target__, int "
                + "call, int call_, int _, int __); void Give(out int _, out int target, ref int target_); }",
        ["Parameters called as what the proxy inherits"] =
            "namespace Demo; public record V(int X); [IpcInterface] public interface IP1 { void A(int StartCall); Task "
                + "B(int StartAsyncCall, CancellationToken StartCall); [IpcOneWay] void C(int StartOneWayCall) { } } "
                + "[IpcInterface] public interface IP2 { void A(V Describe); int B(int IsMethodMissing, int Proxy, int "
                + "OrElse) => 1; Task C(int OrElse) => Task.CompletedTask; [IpcOneWay] void D(int MayHave, int "
                + "StartOneWayOrFirstCall, V Describe) { } void E(Handler f); int this[int field, int value_] { get; "
                + "set; } } public delegate void Handler(int IsHandlerLost, int Invoke, int _delegate);",
        ["Parameters that begin as our own locals"] =
            "namespace Demo; [IpcInterface] public interface IOne { int Run(int ipc, int ipc_, int ipcCall, int "
                + "ipcResult, int ipcResult_, out int ipcMissing); }",
        ["Members called as what a codec has"] =
            "namespace Demo; public record R(int Reader, int reader, int reader_, int Context, int Count, int Index, "
                + "int Value, int Writer); public class C { public int PersonCodec { get; set; } public int "
                + "personCodec { get; set; } public person P { get; set; } = new(1); public int Int32Codec; } public "
                + "record person(int A); [IpcInterface] public interface IOne { R A(C c); } [IpcFault] public class "
                + "Bad : Exception { public int Message_ { get; init; } public int Exception { get; init; } public int "
                + "innerException { get; init; } }",
        ["Types called as contextual keywords"] =
            "namespace Demo { public record @var(int A); public record @dynamic(int B); public record @nint(int C); "
                + "public record @nuint(nint A, nuint B, System.IntPtr C); [IpcInterface] public interface IOne { @var "
                + "Run(@dynamic d, @nint n, @nuint u, System.UIntPtr p, out @var r); @var Size { get; set; } event "
                + "Action<@var> E; Task<@var> RunAsync(ReadOnlySpan<byte> b); } }",
    };

    private static IEnumerable<string> Names => s_contracts.Keys;

    /// <summary>
    /// Every word of C#, and the generated code's own: what is in more than one snapshot. Without those that the tests
    /// use themselves.
    /// </summary>
    private static IEnumerable<string> Words
        => SyntaxFacts.GetReservedKeywordKinds().Concat(SyntaxFacts.GetContextualKeywordKinds())
        .Select(SyntaxFacts.GetText)
        .Concat(Directory.GetFiles(Path.Combine(GeneratorRun.ProjectDirectory, "Snapshots"), "*.generated.txt")
            .SelectMany(path => Word().Matches(File.ReadAllText(path)).Select(match => match.Value).Distinct())
            .GroupBy(word => word)
            .Where(group => group.Skip(1).Any())
            .Select(group => group.Key))
        .Where(
            word => word.Length > 1 && word.All(
                char.IsAsciiLetterOrDigit) && !char.IsDigit(word[0]) && word is not ("GetType"
                    or "Task"
                    or "Action"
                    or "Func"
                    or "Exception"
                    or "String"))
        .Concat(["_", "__", "ipc", "ipcCall", "ipcResult"])
        .Distinct()
        .Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Names))]
    public void Contract_with_names_like_ours_compiles(string name)
        => GeneratorRun.GenerateAndCompile(Usings + s_contracts[name]);

    [Test]
    public void Any_word_can_be_a_parameter()
    {
        string contracts = string.Join("\n", Words.Select((word, i) => $$"""
            namespace P{{i}} {
            public delegate int Handler{{i}}(string @{{word}}, out int @{{word}}_, in long x);
            public record R{{i}}(int @{{word}}, string? @{{word}}_ = null);
            [IpcInterface] public interface I{{i}}
            {
                int A(int @{{word}}, string @{{word}}_, ref int b, out string? c);
                int B(in int @{{word}}, ref string @{{word}}_);
                bool C(out string @{{word}}, out int @{{word}}_);
                Task<int> D(string @{{word}}, CancellationToken @{{word}}_);
                Task E(ReadOnlySpan<byte> @{{word}}, Action<int> @{{word}}_);
                [IpcOneWay] void F(string @{{word}}, int @{{word}}_) { }
                int G(string @{{word}}, int @{{word}}_) => 1;
                Task<string> H(string @{{word}}, int @{{word}}_) => Task.FromResult("");
                {{(word == "value" ? "" : $"int this[string @{word}, int @{word}_] {{ get; set; }}")}}
                void J(Handler{{i}} h, R{{i}} r);
                IAsyncEnumerable<int> K(CancellationToken @{{word}});
            }
            }
            """));

        GeneratorRun.GenerateAndCompile(Usings + contracts);
    }

    [Test]
    public void Any_word_can_be_a_member()
    {
        string contracts = string.Join("\n", Words.Select((word, i) => $$"""
            namespace M{{i}} {
            public enum E{{i}} { @{{word}} = 1 }
            public class C{{i}} { public string? @{{word}} { get; set; } public required E{{i}} @{{word}}_; }
            public record R{{i}}(E{{i}} @{{word}} = E{{i}}.@{{word}});
            [IpcInterface] public interface IMethod{{i}} { int @{{word}}(C{{i}} c); void @{{word}}(R{{i}} r) { } }
            [IpcInterface] public interface IProperty{{i}} { C{{i}} @{{word}} { get; set; } }
            [IpcInterface] public interface IEvent{{i}} { event Action<C{{i}}>? @{{word}}; }
            [IpcInterface] public interface IBase{{i}} : IMethod{{i}} { new int @{{word}} => 1; }
            }
            """));

        GeneratorRun.GenerateAndCompile(Usings + contracts);
    }

    [Test]
    public void Any_word_can_be_a_type_or_a_namespace()
    {
        string contracts = string.Join("\n", Words.Where(word => word is not ("_" or "global")).Select((word, i) => $$"""
            namespace T{{i}}.@{{word}} { public enum Other { A } }
            namespace T{{i}}.In {
            public record @{{word}}(int A, @{{word}}? B);
            public class Outer { public delegate @{{word}} Inner(@{{word}} a); [IpcInterface] public interface @{{word}} { void A(); } public enum Kin { A } }
            [IpcInterface] public interface IUse { @{{word}} Get(@{{word}}? a, out T{{i}}.@{{word}}.Other b, Action<@{{word}}> c, List<@{{word}}[]> d, Outer.Inner e); @{{word}} P { get; set; } event Func<@{{word}}> E; Task<@{{word}}> F(int a = 1); Outer.@{{word}} G(Outer.Kin kind); }
            [IpcFault] public class Bad : Exception { public @{{word}}? A { get; init; } }
            }
            """));

        GeneratorRun.GenerateAndCompile(Usings + contracts);
    }

    [Test]
    public void What_a_proxy_inherits_is_reserved()
    {
        var inherited = typeof(IpcProxy)
            .GetMembers(
                System.Reflection.BindingFlags.DeclaredOnly
                    | System.Reflection.BindingFlags.NonPublic
                    | System.Reflection.BindingFlags.Public
                    | System.Reflection.BindingFlags.Instance
                    | System.Reflection.BindingFlags.Static)
            .OfType<System.Reflection.MethodInfo>()
            .Where(method => (method.IsFamily || method.IsPublic) && method.Name != "Finalize")
            .Select(method => method.IsSpecialName ? method.Name["get_".Length..] : method.Name)
            .Distinct();

        Assert.That(inherited, Is.Not.Empty.And.SubsetOf(ParameterNames.Reserved));
    }

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Word();
}
