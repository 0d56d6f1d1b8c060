using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// Small programs, compiled with what is generated for them and run: what they say through a proxy is what they say
/// without.
/// </summary>
public sealed class ProgramTests
{
    private const string Usings =
        "using System; using System.Collections.Generic; using System.Collections.Immutable; using System.Linq; using "
            + "System.Runtime.CompilerServices; using System.Threading; using System.Threading.Tasks; using "
            + "Multiprocess;\nnamespace Demo {\n";

    private static readonly Dictionary<string, (string Expected, string Source)> s_programs = new()
    {
        ["A member that a sealed one hides"] = ("7 1007", """
            public interface IBase { int Get(); }
            [IpcInterface] public interface IService : IBase { sealed new int Get() => 1000 + ((IBase)this).Get(); }
            class S : IService { int IBase.Get() => 7; }
            public static class P { public static string Run() { using var p = IpcTestPair.Create<IService>(new S()); return ((IBase)p.Root).Get() + " " + p.Root.Get(); } }
            """),
        ["Members that local ones, static ones and types hide"] = ("1 a True 5 6 x1 3 y", """
            public interface IBase { int Get(); string Name { get; } event Action E; int this[int i] { get; } int Of(); int Kind(); }
            [IpcInterface] public interface IService : IBase { sealed new string Get() => "x" + ((IBase)this).Get(); [IpcLocal] new int Name => 3; [IpcLocal] new event Action E { add { } remove { } } [IpcLocal] new string this[int i] => "y"; new static int Of() => 9; class Kind; }
            class S : IService { Action? _e; int IBase.Get() => 1; string IBase.Name => "a"; event Action IBase.E { add { _e += value; value(); } remove { } } int IBase.this[int i] => i; int IBase.Of() => 6; int IBase.Kind() => 2; }
            public static class P { public static string Run() { using var p = IpcTestPair.Create<IService>(new S()); bool raised = false; IBase b = p.Root; b.E += () => raised = true;
                return b.Get() + " " + b.Name + " " + raised + " " + b[5] + " " + b.Of() + " " + p.Root.Get() + " " + p.Root.Name + " " + p.Root[0] + (b.Kind() == 2 ? "" : "!"); } }
            """),
        ["Overloads that priorities hide"] = ("array plain in-int index-array set-array default-array", """
            [IpcInterface] public interface IService
            {
                [OverloadResolutionPriority(1)] string Send(ReadOnlyMemory<byte> data); string Send(byte[] data);
                string Log(string s); [OverloadResolutionPriority(1)] string Log(string s, int level = 0);
                string In(in int a, out int b); [OverloadResolutionPriority(2)] string In(in long a, out int b);
                [OverloadResolutionPriority(1)] string this[ReadOnlyMemory<byte> i] { get; set; } string this[byte[] i] { get; set; }
                [OverloadResolutionPriority(1)] Task<string> DefAsync(ReadOnlyMemory<byte> data); Task<string> DefAsync(byte[] data) => Task.FromResult("default-" + (data.Length == 1 ? "array" : "?"));
            }
            class S : IService
            {
                string IService.Send(ReadOnlyMemory<byte> data) => "memory"; string IService.Send(byte[] data) => "array";
                string IService.Log(string s) => "plain"; string IService.Log(string s, int level) => "with level";
                string IService.In(in int a, out int b) { b = 1; return "in-int"; } string IService.In(in long a, out int b) { b = 2; return "in-long"; }
                string _set = "";
                string IService.this[ReadOnlyMemory<byte> i] { get => "memory"; set => _set = "memory"; } string IService.this[byte[] i] { get => "index-array" + _set; set => _set = " set-array"; }
                Task<string> IService.DefAsync(ReadOnlyMemory<byte> data) => Task.FromResult("memory");
            }
            public static class P
            {
                delegate string InCall(IService s, in int a, out int b);
                public static string Run()
                {
                    using var p = IpcTestPair.Create<IService>(new S());
                    object? Call(string name, Type[] types, params object?[] arguments) => typeof(IService).GetMethod(name, types)!.Invoke(p.Root, arguments);
                    byte[] one = [1];
                    string inInt = (string)Call("In", [typeof(int).MakeByRefType(), typeof(int).MakeByRefType()], 1, 0)!;
                    Call("set_Item", [typeof(byte[]), typeof(string)], one, "x");
                    return Call("Send", [typeof(byte[])], one) + " " + Call("Log", [typeof(string)], "x") + " " + inInt + " " + Call("get_Item", [typeof(byte[])], one) + " " + ((Task<string>)Call("DefAsync", [typeof(byte[])], one)!).Result;
                }
            }
            """),
        ["Closed generics of either nullability"] = ("null put-ok refused", """
            [IpcInterface] public interface IStore<T> { T Get(); void Put(T t); }
            [IpcInterface] public interface IService { IStore<string> A(); IStore<string?> B(); }
            class Store<T>(T v) : IStore<T> { T v = v; public T Get() => v; public void Put(T t) => v = t; }
            class S : IService { public IStore<string> A() => new Store<string>("a"); public IStore<string?> B() => new Store<string?>(null); }
            public static class P { public static string Run() { using var p = IpcTestPair.Create<IService>(new S()); var b = p.Root.B(); string said = b.Get() ?? "null"; b.Put("x"); b.Put(null);
                try { p.Root.A().Put(null!); return "let through"; } catch (ArgumentNullException) { return said + " put-ok refused"; } } }
            """),
        ["Nested delegates of either nullability"] = ("a null null", """
            public static class Outer { public delegate T Handler<T>(T value); }
            public static class Outer<T> { public delegate T Handler(T value); }
            [IpcInterface] public interface IService { string A(Outer.Handler<string> f); string? B(Outer.Handler<string?> f); string C(Outer<string>.Handler f); string? D(Outer<string?>.Handler f); }
            class S : IService { public string A(Outer.Handler<string> f) => f("a"); public string? B(Outer.Handler<string?> f) => f(null); public string C(Outer<string>.Handler f) => f("c"); public string? D(Outer<string?>.Handler f) => f(null); }
            public static class P { public static string Run() { using var p = IpcTestPair.Create<IService>(new S()); p.Root.C(x => x); return p.Root.A(x => x) + " " + (p.Root.B(x => x) ?? "null") + " " + (p.Root.D(x => x) ?? "null"); } }
            """),
        ["Enums of a strict and of an open contract"] = ("77 callback 77 store 79 refused refused refused own 80", """
            public enum Color { Red = 1, Green = 2 }
            [IpcInterface] public interface IAStrict { void Use(Action<Color> sink); IStore<Color> Store(); void Take(Action<List<Color>> sink); }
            [IpcInterface(AllowUndefinedEnumValues = true)] public interface IBOpen { void Use(Action<Color> sink); Color Echo(Color c); IStore<Color> Store(); }
            [IpcInterface] public interface ICStrict { IOwn<Color> Own(); }
            [IpcInterface] public interface IStore<T> { T Get(T x); }
            [IpcInterface(AllowUndefinedEnumValues = true)] public interface IOwn<T> { T Get(T x); }
            class Store : IStore<Color>, IOwn<Color> { public Color Get(Color x) => x; }
            class S : IBOpen, IAStrict, ICStrict { public void Use(Action<Color> sink) => sink((Color)77); public void Take(Action<List<Color>> sink) => sink([(Color)77]); public Color Echo(Color c) => c; public IStore<Color> Store() => new Store(); public IOwn<Color> Own() => new Store(); }
            public static class P
            {
                static string Tell(Func<string> run) { try { return run(); } catch (Exception e) when (e is not NullReferenceException) { return "refused"; } }
                public static string Run()
                {
                    using var open = IpcTestPair.Create<IBOpen>(new S()); using var strict = IpcTestPair.Create<IAStrict>(new S()); using var own = IpcTestPair.Create<ICStrict>(new S());
                    string said = (int)open.Root.Echo((Color)77) + "";
                    open.Root.Use(c => said += " callback " + (int)c);
                    said += Tell(() => " store " + (int)open.Root.Store().Get((Color)79));
                    said += " " + Tell(() => { strict.Root.Use(c => { }); return "let through"; });
                    said += " " + Tell(() => strict.Root.Store().Get((Color)79) + "");
                    said += " " + Tell(() => { strict.Root.Take(c => { }); return "let through"; });
                    return said + " own " + (int)own.Root.Own().Get((Color)80);
                }
            }
            """),
        ["Nullable values that may be nil themselves"] = ("null none 0 2; null none 0 2; null none 0 2; none 2 null", """
            public record Row(ImmutableArray<int>? A, ArraySegment<string>? S, ArraySegment<byte>? B);
            [IpcInterface] public interface IService { ImmutableArray<int>? A(ImmutableArray<int>? x); ArraySegment<string>? S(ArraySegment<string>? x); Task<ArraySegment<byte>?> B(ArraySegment<byte>? x); Row R(Row r); }
            class S : IService { public ImmutableArray<int>? A(ImmutableArray<int>? x) => x; ArraySegment<string>? IService.S(ArraySegment<string>? x) => x; public Task<ArraySegment<byte>?> B(ArraySegment<byte>? x) => Task.FromResult(x); public Row R(Row r) => r; }
            public static class P
            {
                static string Tell(ImmutableArray<int>? x) => x is not { } a ? "null" : a.IsDefault ? "none" : a.Length + "";
                static string Tell<T>(ArraySegment<T>? x) => x is not { } a ? "null" : a.Array is null ? "none" : a.Count + "";
                public static string Run()
                {
                    using var pair = IpcTestPair.Create<IService>(new S()); IService p = pair.Root;
                    var row = p.R(new Row(default(ImmutableArray<int>), new(["a", "b"]), null));
                    return string.Join("; ",
                        string.Join(" ", new ImmutableArray<int>?[] { null, default(ImmutableArray<int>), ImmutableArray<int>.Empty, ImmutableArray.Create(1, 2) }.Select(x => Tell(p.A(x)))),
                        string.Join(" ", new ArraySegment<string>?[] { null, default(ArraySegment<string>), new([]), new(["a", "b"]) }.Select(x => Tell(p.S(x)))),
                        string.Join(" ", new ArraySegment<byte>?[] { null, default(ArraySegment<byte>), new([]), new([1, 2]) }.Select(x => Tell(p.B(x).Result))),
                        Tell(row.A) + " " + Tell(row.S) + " " + Tell(row.B));
                }
            }
            """),
        ["Converters of contracts that share a delegate"] = ("converted: echo 4 callback 2 store 2 event 2; plain: callback 0 store 0 event 0; converted: callback 2", """
            public sealed class Loud : IIpcConverter<Guid>
            {
                public static int Uses;
                public static void Write(ref MessagePack.MessagePackWriter w, Guid v) { Interlocked.Increment(ref Uses); w.Write(v.ToString()); }
                public static Guid Read(ref MessagePack.MessagePackReader r) { Interlocked.Increment(ref Uses); return Guid.Parse(r.ReadString()!); }
            }
            [IpcInterface] public interface IAPlain { void Use(Action<Guid> sink); IStore<Guid> Store(); event Action<Guid> Heard; void Raise(); }
            [IpcInterface, IpcConverter(typeof(Loud))] public interface IBConverted { void Use(Action<Guid> sink); Guid Echo(Guid c); IStore<Guid> Store(); event Action<Guid> Heard; void Raise(); }
            [IpcInterface] public interface IStore<T> { T Get(); }
            class Store : IStore<Guid> { public Guid Get() => Guid.Empty; }
            class S : IAPlain, IBConverted { public void Use(Action<Guid> sink) => sink(Guid.Empty); public Guid Echo(Guid c) => c; public IStore<Guid> Store() => new Store(); public event Action<Guid>? Heard; public void Raise() => Heard?.Invoke(Guid.Empty); }
            public static class P
            {
                static string Uses(string name, Action run) { Loud.Uses = 0; run(); return " " + name + " " + Loud.Uses; }
                public static string Run()
                {
                    using var converted = IpcTestPair.Create<IBConverted>(new S()); using var plain = IpcTestPair.Create<IAPlain>(new S());
                    IBConverted c = converted.Root; IAPlain p = plain.Root; Action<Guid> f = _ => { };
                    return "converted:" + Uses("echo", () => c.Echo(Guid.Empty)) + Uses("callback", () => c.Use(f)) + Uses("store", () => c.Store().Get()) + Uses("event", () => { c.Heard += f; c.Raise(); })
                        + "; plain:" + Uses("callback", () => p.Use(f)) + Uses("store", () => p.Store().Get()) + Uses("event", () => { p.Heard += f; p.Raise(); }) + "; converted:" + Uses("callback", () => c.Use(f));
                }
            }
            """),
        ["One delegate through two contracts"] = ("True True", """
            [IpcInterface] public interface IA { void Add(Action<int> f); void Remove(Action<int> f); IB Other { get; } }
            [IpcInterface] public interface IB { bool Has(Action<int> f); IStore<int> Store(IStore<int> s); }
            [IpcInterface] public interface IStore<T> { T Get(); }
            class Store : IStore<int> { public int Get() => 1; }
            class S : IA, IB { List<Action<int>> _all = []; public void Add(Action<int> f) => _all.Add(f); public void Remove(Action<int> f) => _all.Remove(f); public bool Has(Action<int> f) => _all.Contains(f); public IB Other => this; public IStore<int> Store(IStore<int> s) => s; }
            public static class P { public static string Run() { using var p = IpcTestPair.Create<IA>(new S()); Action<int> f = _ => { }; p.Root.Add(f); var s = new Store(); return p.Root.Other.Has(f) + " " + ReferenceEquals(s, p.Root.Other.Store(s)); } }
            """),
        ["What says how an exception arrives as itself"] = ("Demo.Mine: x [IpcFault]; System.Lazy`1", """
            [IpcInterface] public interface IService { void A(); }
            public class Mine(string text) : Exception(text);
            class S : IService { public void A() => throw new Mine("x"); }
            public static class P { public static string Run() { using var p = IpcTestPair.Create<IService>(new S()); try { p.Root.A(); return ""; } catch (IpcRemoteException e) { return (e.Message.Contains("[IpcFault]") ? e.RemoteType + ": " + e.RemoteMessage + " [IpcFault]" : e.Message) + "; " + new IpcRemoteException("System.Lazy`1", "", null).Message[..13]; } } }
            """),
    };

    private static IEnumerable<string> Names => s_programs.Keys;

    [TestCaseSource(nameof(Names))]
    public void Program_says_through_a_proxy_what_it_says_without(string name)
    {
        var (expected, source) = s_programs[name];
        var assembly = GeneratorRun.Load(Usings + source + "\n}");

        object? said = assembly.GetType("Demo.P")!.GetMethod("Run")!.Invoke(null, null);

        Assert.That(said, Is.EqualTo(expected));
    }
}
