using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// Each refusal, with its id, at the exact token that the user has to change. What is not marked must not be reported.
/// </summary>
public sealed class DiagnosticTests
{
    private const string Usings = """
        using System;
        using System.Collections;
        using System.Collections.Generic;
        using System.Runtime.Serialization;
        using System.Threading;
        using System.Threading.Tasks;
        using Multiprocess;
        using Multiprocess.CapnProto;

        """;

    private const string Formatters =
        "public class Fv : MessagePack.Formatters.IMessagePackFormatter<Guid> { public void Serialize(ref "
            + "MessagePack.MessagePackWriter w, Guid v, MessagePack.MessagePackSerializerOptions o) => "
            + "w.Write(v.ToString()); public Guid Deserialize(ref MessagePack.MessagePackReader r, "
            + "MessagePack.MessagePackSerializerOptions o) => Guid.Parse(r.ReadString()!); } public class Hidden : Fv "
            + "{ private Hidden() { } } ";

    private const string Converters =
        "public class Cv : IIpcConverter<Guid> { public static void Write(ref MessagePack.MessagePackWriter w, Guid v) "
            + "{ } public static Guid Read(ref MessagePack.MessagePackReader r) => default; } public class Other : Cv, "
            + "IIpcConverter<Guid>;";

    private static readonly Dictionary<string, string> s_cases = new()
    {
        ["A generic fault"] = "[IpcFault] public class {|MP0001:Broken|}<T> : Exception;",
        ["A generic contract that is closed with a bad type"] =
            "[IpcInterface] public interface IStore<T> { T Get(); } [IpcInterface] public interface IService { "
                + "{|MP0003:IStore<object>|} Get(); }",
        ["A generic contract that closes itself without end"] =
            "[IpcInterface] public interface IStore<T> { IStore<List<T>> Get(); } [IpcInterface] public interface "
                + "IService { {|MP0003:IStore<int>|} Get(); }",
        ["A generic contract that closes itself over arrays"] =
            "[IpcInterface] public interface IStore<T> { IStore<T[]> Get(); } [IpcInterface] public interface IService "
                + "{ {|MP0003:IStore<int>|} Get(); }",
        ["A value that closes itself without end"] =
            "public record Grow<T>(T Value, Grow<List<T>>? Next); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Grow<int>|} value); }",
        ["A value that closes itself over arrays"] =
            "public record Grow<T>(T Value, Grow<T[]>? Next); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Grow<int>|} value); }",
        ["A value that closes itself in many ways"] =
            "public record Grow<T>(Grow<List<T>>? A, Grow<T[]>? B, Grow<(T, T)>? C, Grow<Grow<T>>? D); [IpcInterface] "
                + "public interface IService { void Take({|MP0003:Grow<int>|} value); }",
        ["A value that grows beyond measure"] =
            "public record Grow<T>(Grow<((T, T, T, T, T, T, T, T), (T, T, T, T, T, T, T, T), (T, T, T, T, T, T, T, T), "
                + "(T, T, T, T, T, T, T, T))>? Next); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Grow<int>|} value); }",
        ["Two values that close each other without end"] =
            "public record A<T>(B<T, int>? Next); public record B<T, U>(A<Dictionary<U, T>>? Next); [IpcInterface] "
                + "public interface IService { void Take({|MP0003:A<int>|} value); }",
        ["A value whose base closes it without end"] =
            "public record Base<T>(T? Value) where T : class; public record Grow<T>(Grow<List<T>>? Next) : "
                + "Base<Grow<Grow<T>>>((Grow<Grow<T>>?)null); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Grow<int>|} value); }",
        ["A value inside a generic type without end"] =
            "public class Outer<T> { public record Inner(Outer<List<T>>.Inner? Next); } [IpcInterface] public "
                + "interface IService { void Take({|MP0003:Outer<int>.Inner|} value); }",
        ["A delegate that closes itself without end"] =
            "public delegate void Step<T>(T value, Step<T[]>? next); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Step<int>|} value); }",
        ["A delegate that returns ever more"] =
            "public delegate Step<Func<T>> Step<T>(); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Step<int>|} value); }",
        ["A delegate, a contract and a value that close each other without end"] =
            "[IpcInterface] public interface IStore<T> { void Use(Action<Box<T>> use); } public record "
                + "Box<T>(IStore<List<T>> Store); [IpcInterface] public interface IService { {|MP0003:IStore<int>|} "
                + "Get(); }",
        ["Progress without end"] =
            "public record Step<T>(IProgress<Step<T[]>>? Next); [IpcInterface] public interface IService { void "
                + "Take({|MP0003:IProgress<Step<int>>|} value); }",
        ["A fault with a member without end"] =
            "public record Grow<T>(Grow<T[]>? Next); [IpcFault] public class {|MP0003:Broken|} : Exception { public "
                + "Grow<int>? Value { get; set; } }",
        ["A contract inside a generic type"] =
            "public class Outer<T> { [IpcInterface] public interface {|MP0001:IInner|} { void Run(); } }",
        ["A private contract"] =
            "public class Outer { [IpcInterface] private interface {|MP0002:IInner|} { void Run(); } }",
        ["A contract that only its file sees"] = "[IpcInterface] file interface {|MP0002:IInner|} { void Run(); }",
        ["object as a parameter"] = "[IpcInterface] public interface IService { void Take({|MP0003:object|} value); }",
        ["object as a result"] = "[IpcInterface] public interface IService { {|MP0003:object?|} Get(); }",
        ["object in a collection"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:List<object>|} value); }",
        ["object as a property"] = "[IpcInterface] public interface IService { {|MP0003:object|} Tag { get; } }",
        ["dynamic"] = "[IpcInterface] public interface IService { void Take({|MP0003:dynamic|} value); }",
        ["A pointer"] = "[IpcInterface] public unsafe interface IService { void Take({|MP0003:int*|} value); }",
        ["A stream of one kind"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:System.IO.MemoryStream|} value); }",
        ["A stream around a socket"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:System.Net.Sockets.NetworkStream|} value); "
                + "}",
        ["A stream around a named pipe"] =
            "[IpcInterface] public interface IService { {|MP0003:System.IO.Pipes.NamedPipeClientStream|} Get(); }",
        ["Any handle"] =
            "[IpcInterface] public interface IService { "
                + "void Take({|MP0003:System.Runtime.InteropServices.SafeHandle|} value); }",
        ["A handle that is no descriptor"] =
            "[IpcInterface] public interface IService { "
                + "void Take({|MP0003:List<Microsoft.Win32.SafeHandles.SafeWaitHandle>|} value); }",
        ["A handle of the program's own"] =
            "public sealed class Own : Microsoft.Win32.SafeHandles.SafeHandleMinusOneIsInvalid { "
                + "public Own() : base(true) { } protected override bool ReleaseHandle() => true; } "
                + "[IpcInterface] public interface IService { void Take({|MP0003:Own|} value); }",
        ["A view of a map"] =
            "[IpcInterface] public interface IService { "
                + "void Take({|MP0003:System.IO.MemoryMappedFiles.MemoryMappedViewAccessor|} value); }",
        ["An enumeration rather than a sequence"] =
            "[IpcInterface] public interface IService { {|MP0003:IAsyncEnumerator<int>|} Get(); }",
        ["A sequence of something else than bytes"] =
            "[IpcInterface] public interface IService { void Give(System.Buffers.ReadOnlySequence<byte> value); void "
                + "Take({|MP0003:System.Buffers.ReadOnlySequence<int>|} value); }",
        ["A lazy value"] = "[IpcInterface] public interface IService { void Take({|MP0003:Lazy<int>|} value); }",
        ["A framework class without codec"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:System.Text.StringBuilder|} value); }",
        ["A task inside a value"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:List<Task>|} value); }",
        ["An untyped collection"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:IEnumerable|} values); }",
        ["Five dimensions"] = "[IpcInterface] public interface IService { void Take({|MP0003:int[,,,,]|} values); }",
        ["A collection of the user's own"] =
            "public class Bag : List<int>; [IpcInterface] public interface IService { void Take({|MP0003:Bag|} "
                + "values); }",
        ["A delegate without signature"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:Delegate|} callback); }",
        ["object as a delegate's parameter"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:Action<object>|} callback); }",
        ["object in an event"] = "[IpcInterface] public interface IService { event {|MP0003:Action<object>|} Raised; }",
        ["object in an indexer"] =
            "[IpcInterface] public interface IService { int this[{|MP0003:object|} key] { get; } }",
        ["object in a member of a record"] =
            "public record Tagged(object Tag); [IpcInterface] public interface IService { void Take({|MP0003:Tagged|} "
                + "value); }",
        ["Two bad parameters"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:object|} a, {|MP0003:dynamic|} b); }",
        ["An unmarked interface"] =
            "public interface IPlain; [IpcInterface] public interface IService { void Take({|MP0004:IPlain|} value); }",
        ["A bad member of a base interface"] =
            "public interface IBase { void Take({|MP0003:object|} value); } [IpcInterface] public interface IService : "
                + "IBase;",
        ["A generic base closed with a bad type"] =
            "public interface IStore<T> { T Get(int id); } [IpcInterface] public interface IService : "
                + "{|MP0003:IStore<object>|};",
        ["A base interface of another assembly"] = "[IpcInterface] public interface IService : {|MP0003:ICloneable|};",
        ["A class without usable constructor"] =
            "public class Closed { private Closed() { } public int A { get; set; } } [IpcInterface] public interface "
                + "IService { void Take({|MP0005:Closed|} value); }",
        ["A class whose constructor takes something else"] =
            "public class Odd { public Odd(int other) { } public int A { get; set; } } [IpcInterface] public interface "
                + "IService { void Take({|MP0005:Odd|} value); }",
        ["A class with a framework base"] =
            "public class Row : MarshalByRefObject { public int A { get; set; } } [IpcInterface] public interface "
                + "IService { void Take({|MP0005:Row|} value); }",
        ["An abstract class"] =
            "public abstract class Shape; [IpcInterface] public interface IService { void Take({|MP0006:Shape|} "
                + "value); }",
        ["A generic method"] = "[IpcInterface] public interface IService { void {|MP0007:Take|}<T>(T value); }",
        ["A ref return"] = "[IpcInterface] public interface IService { {|MP0008:ref int|} Get(); }",
        ["A ref property"] = "[IpcInterface] public interface IService { {|MP0008:ref readonly int|} Value { get; } }",
        ["out on an asynchronous method"] =
            "[IpcInterface] public interface IService { Task GetAsync(out {|MP0009:int|} value); }",
        ["ref on a value task"] =
            "[IpcInterface] public interface IService { ValueTask<int> GetAsync(ref {|MP0009:int|} value); }",
        ["A span"] = "[IpcInterface] public interface IService { void Take({|MP0010:Span<int>|} values); }",
        ["Bytes that would outlive the message"] =
            "[IpcInterface] public interface IService { {|MP0010:ReadOnlySpan<byte>|} Get(); }",
        ["Bytes by reference"] =
            "[IpcInterface] public interface IService { void Take(in {|MP0010:ReadOnlySpan<byte>|} bytes); }",
        ["A ref struct of the user's own"] =
            "public ref struct Cursor; [IpcInterface] public interface IService { {|MP0010:Cursor|} Get(); }",
        ["An init accessor"] = "[IpcInterface] public interface IService { int Size { get; {|MP0011:init|}; } }",
        ["A static abstract member"] =
            "[IpcInterface] public interface IService { static abstract int {|MP0012:Count|} { get; } }",
        ["A member that is obsolete as an error"] =
            "[IpcInterface] public interface IService { [Obsolete(\"x\", true)] void {|MP0012:Run|}(); }",
        ["A protected member"] = "[IpcInterface] public interface IService { protected void {|MP0012:Run|}(); }",
        ["An accessor that is not public"] =
            "[IpcInterface] public interface IService { int {|MP0012:Size|} { get; protected set; } }",
        ["Two methods with one given id"] =
            "[IpcInterface] public interface IService { [IpcMethod(1)] void A(); [IpcMethod(1)] void {|MP0013:B|}(); }",
        ["Two methods that differ in the token alone"] =
            "[IpcInterface] public interface IService { void A(); void {|MP0013:A|}(CancellationToken token); }",
        ["A one-way method with a result"] =
            "[IpcInterface] public interface IService { [IpcOneWay] int {|MP0014:Get|}(); }",
        ["A one-way method with an out parameter"] =
            "[IpcInterface] public interface IService { [IpcOneWay] void {|MP0014:Get|}(out int value); }",
        ["A one-way asynchronous method"] =
            "[IpcInterface] public interface IService { [IpcOneWay] Task {|MP0014:RunAsync|}(); }",
        ["A one-way event whose handlers answer"] =
            "[IpcInterface] public interface IService { [IpcOneWay] event Func<int> {|MP0014:Raised|}; }",
        ["Two cancellation tokens"] =
            "[IpcInterface] public interface IService { void Run(CancellationToken a, {|MP0015:CancellationToken|} b); "
                + "}",
        ["A cancellation token by reference"] =
            "[IpcInterface] public interface IService { void Run(in {|MP0015:CancellationToken|} a); }",
        ["A cancellation token as a result"] =
            "[IpcInterface] public interface IService { {|MP0003:CancellationToken|} Get(); }",
        ["A member that is obsolete as an error"] =
            "public class Account { [Obsolete(\"x\", true)] public int Balance { get; set; } } [IpcInterface] public "
                + "interface IService { void Take({|MP0016:Account|} value); }",
        ["A private field"] =
            "public class Account { public string? Name { get; set; } private int _balance; public int Pay() => "
                + "_balance++; } [IpcInterface] public interface IService { void Take({|MP0016:Account|} value); }",
        ["An internal property"] =
            "public class Account { internal int Balance { get; set; } } [IpcInterface] public interface IService { "
                + "void Take({|MP0016:Account|} value); }",
        ["A property that nothing restores"] =
            "public class Account { public List<int> Rows { get; } = []; } [IpcInterface] public interface IService { "
                + "void Take({|MP0016:Account|} value); }",
        ["A MessagePack type with a member without key"] =
            "[MessagePack.MessagePackObject] public class Row { [MessagePack.Key(0)] public int A; public int B; } "
                + "[IpcInterface] public interface IService { void Take({|MP0017:Row|} value); }",
        ["A MessagePack type with one key twice"] =
            "[MessagePack.MessagePackObject] public class Row { [MessagePack.Key(0)] public int A; "
                + "[MessagePack.Key(0)] public int B; } [IpcInterface] public interface IService { void "
                + "Take({|MP0017:Row|} value); }",
        ["A MessagePack type with keys of both kinds"] =
            "[MessagePack.MessagePackObject] public class Row { [MessagePack.Key(0)] public int A; "
                + "[MessagePack.Key(\"b\")] public int B; } [IpcInterface] public interface IService { void "
                + "Take({|MP0017:Row|} value); }",
        ["A MessagePack type with an enormous key"] =
            "[MessagePack.MessagePackObject] public class Row { [MessagePack.Key(1024)] public int A; } [IpcInterface] "
                + "public interface IService { void Take({|MP0017:Row|} value); }",
        ["A type that Cap'n Proto lacks"] =
            "[CapnpInterface(1)] public interface IService { void Take({|MP0033:object|} value); }",
        ["A result that Cap'n Proto lacks"] =
            "[CapnpInterface(1)] public interface IService { {|MP0033:DateTime|} Get(); }",
        ["An unmarked class in Cap'n Proto"] =
            "public class Row; [CapnpInterface(1)] public interface IService { void Take({|MP0033:List<Row>|} "
                + "value); }",
        ["A list of structs that may be null in Cap'n Proto"] =
            "[CapnpStruct] public class Row; [CapnpInterface(1)] public interface IService { void "
                + "Take({|MP0033:List<Row?>|} value); }",
        ["A list of nullable structs in Cap'n Proto"] =
            "[CapnpStruct] public struct Row; [CapnpInterface(1)] public interface IService { void "
                + "Take({|MP0033:Row?[]|} value); }",
        ["A member that Cap'n Proto lacks"] =
            "[CapnpStruct] public class Row { public {|MP0033:object?|} Any { get; set; } } [CapnpInterface(1)] public "
                + "interface IService { void Take(Row value); }",
        ["A member of a constructor that Cap'n Proto lacks"] =
            "[CapnpStruct] public class Row(object? any) { public {|MP0033:object?|} Any { get; } = any; } "
                + "[CapnpInterface(1)] public interface IService { void Take(Row value); }",
        ["A struct that cannot be created again"] =
            "[CapnpStruct] public class Row { public int A { get; } } [CapnpInterface(1)] public interface IService { "
                + "void Take({|MP0033:Row|} value); }",
        ["An optional number without its Bool"] =
            "[CapnpInterface(1)] public interface IService { {|MP0033:int?|} Get(); }",
        ["A default value that is too large"] =
            "[CapnpInterface(1)] public interface IService { void Take([CapnpField(0, Default = 300)] {|MP0033:byte|} "
                + "value); }",
        ["A default value of a text"] =
            "[CapnpInterface(1)] public interface IService { void Take([CapnpField(0, Default = 1)] {|MP0033:string|} "
                + "value); }",
        ["An event of Cap'n Proto"] =
            "[CapnpInterface(1)] public interface IService { event Action {|MP0033:Changed|}; }",
        ["An indexer of Cap'n Proto"] =
            "[CapnpInterface(1)] public interface IService { int {|MP0033:this|}[int index] { get; } }",
        ["A generic method of Cap'n Proto"] =
            "[CapnpInterface(1)] public interface IService { void {|MP0033:Take|}<T>(); }",
        ["A generic interface of Cap'n Proto"] =
            "[CapnpInterface(1)] public interface {|MP0033:IService|}<T> { void Take(); }",
        ["A hidden interface of Cap'n Proto"] =
            "public class Outer { [CapnpInterface(1)] private interface {|MP0033:IService|} { void Take(); } }",
        ["A base without an id"] =
            "public interface IBase { void Take(); } [CapnpInterface(1)] public interface {|MP0033:IService|} : IBase;",
        ["An out parameter of an asynchronous method of Cap'n Proto"] =
            "[CapnpInterface(1)] public interface IService { Task Take(out {|MP0033:int|} value); }",
        ["Two tokens of Cap'n Proto"] =
            "[CapnpInterface(1)] public interface IService { void Take(CancellationToken a, "
                + "{|MP0033:CancellationToken|} b); }",
        ["A thread map with parameters"] =
            "[CapnpInterface(1)] public interface IService { [CapnpMethod(0, ThreadMap = true)] void "
                + "{|MP0033:Take|}(int value); }",
        ["An exception that cannot be created"] =
            "public class Odd(int a) : Exception { public int A => a; } [CapnpInterface(1)] public interface "
                + "IService { [{|MP0033:CapnpThrows(0, typeof(Odd))|}] void Take(); }",
        ["A type that Cap'n Proto lacks, in an assembly that asks for it"] =
            "[assembly: CapnpContracts] [IpcInterface] public interface IService { {|MP0033:SecretString|} Get(); }",
        ["A stream in an assembly that asks for Cap'n Proto"] =
            "[assembly: CapnpContracts] [IpcInterface] public interface IService { void "
                + "Take({|MP0033:System.IO.Stream|} value); }",
        ["An event in an assembly that asks for Cap'n Proto"] =
            "[assembly: CapnpContracts] [IpcInterface] public interface IService { event Action {|MP0033:Changed|}; }",
        ["An indexer in an assembly that asks for Cap'n Proto"] =
            "[assembly: CapnpContracts] [IpcInterface] public interface IService { int {|MP0033:this|}[int index] { "
                + "get; } }",
        ["An enum whose values are not positions"] =
            "[assembly: CapnpContracts] public enum Color { Red = 1 } [IpcInterface] public interface IService { void "
                + "Take({|MP0033:Color|} value); }",
        ["A wide number that Cap'n Proto lacks"] =
            "[CapnpInterface(1)] public interface IService { {|MP0033:Int128|} Get(); }",
        ["An array of two dimensions that Cap'n Proto lacks"] =
            "[CapnpInterface(1)] public interface IService { {|MP0033:int[,]|} Get(); }",
        ["A list of unions with null"] =
            "[assembly: CapnpContracts] [IpcUnion(0, typeof(A))] public abstract record Base; public record A : Base; "
                + "[IpcInterface] public interface IService { void Take({|MP0033:List<Base?>|} value); }",
        ["A case that Cap'n Proto lacks"] =
            "[assembly: CapnpContracts] [IpcUnion(0, typeof(A))] public abstract record Base; public record A : Base { "
                + "public {|MP0033:SecretString?|} B { get; init; } } [IpcInterface] public interface IService { void Take(Base "
                + "value); }",
        ["A union of Cap'n Proto that is not abstract"] =
            "[CapnpStruct, IpcUnion(0, typeof(A)), IpcUnion(1, typeof(B))] public record {|MP0021:Base|}; public "
                + "record A(int C) : Base; public record B : Base; [CapnpInterface(1)] public interface IService { "
                + "void Take(Base value); }",
        ["A union of Cap'n Proto with one case"] =
            "[CapnpStruct, IpcUnion(0, typeof(A))] public abstract record {|MP0021:Base|}; public record A(int C) : "
                + "Base; [CapnpInterface(1)] public interface IService { void Take(Base value); }",
        ["A case of Cap'n Proto that is given twice"] =
            "[CapnpStruct, IpcUnion(0, typeof(A)), {|MP0021:IpcUnion(1, typeof(A))|}] public abstract record Base; "
                + "public record A(int C) : Base; [CapnpInterface(1)] public interface IService { void Take(Base "
                + "value); }",
        ["A case of Cap'n Proto that derives from another case"] =
            "[CapnpStruct, IpcUnion(0, typeof(A)), {|MP0021:IpcUnion(1, typeof(B))|}] public abstract record Base; "
                + "public record A(int C) : Base; public record B(int C, int D) : A(C); [CapnpInterface(1)] public "
                + "interface IService { void Take(Base value); }",
        ["A case of Cap'n Proto that is abstract"] =
            "[CapnpStruct, IpcUnion(0, typeof(A)), {|MP0021:IpcUnion(1, typeof(B))|}] public abstract record Base; "
                + "public record A(int C) : Base; public abstract record B : Base; [CapnpInterface(1)] public "
                + "interface IService { void Take(Base value); }",
        ["A case of Cap'n Proto that hides a member of all cases"] =
            "[CapnpStruct, IpcUnion(0, typeof(A)), {|MP0021:IpcUnion(1, typeof(B))|}] public abstract record Base { "
                + "public int Id { get; init; } } public record A : Base; public record B : Base { public new int Id "
                + "{ get; init; } } [CapnpInterface(1)] public interface IService { void Take(Base value); }",
        ["A case of Cap'n Proto that generated code cannot name"] =
            "[CapnpStruct, IpcUnion(0, typeof(A)), {|MP0021:IpcUnion(1, typeof(B))|}] public abstract record Base { "
                + "private sealed record B : Base; } public record A(int C) : Base; [CapnpInterface(1)] public "
                + "interface IService { void Take(Base value); }",
        ["A key that is not the position of the case"] =
            "[CapnpStruct, {|MP0034:IpcUnion(0, typeof(A))|}, {|MP0034:IpcUnion(1, typeof(B))|}] public abstract "
                + "record Base; public record A([property: CapnpField(1)] int C) : Base; [CapnpField(0)] public "
                + "record B : Base; [CapnpInterface(1)] public interface IService { void Take(Base value); }",
        ["An ordinal of a case that has members"] =
            "[CapnpStruct, {|MP0034:IpcUnion(0, typeof(A))|}, IpcUnion(1, typeof(B))] public abstract record Base; "
                + "[CapnpField(0)] public record A(int C) : Base; public record B : Base; [CapnpInterface(1)] public "
                + "interface IService { void Take(Base value); }",
        ["A case in place of its union"] =
            "[CapnpStruct, IpcUnion(0, typeof(A)), IpcUnion(1, typeof(B))] public abstract record Base; public record "
                + "A(int C) : Base; public record B : Base; [CapnpInterface(1)] public interface IService { void "
                + "Take({|MP0033:A|} value); }",
        ["An abstract struct of Cap'n Proto"] =
            "[CapnpStruct] public abstract record Base; [CapnpInterface(1)] public interface IService { void "
                + "Take({|MP0033:Base|} value); }",
        ["A group in place of a struct"] =
            "[CapnpGroup] public record Part(int A); [CapnpInterface(1)] public interface IService { void "
                + "Take({|MP0033:Part|} value); }",
        ["A group that may be null"] =
            "[CapnpGroup] public record Part(int A); [CapnpStruct] public record Whole { public {|MP0033:Part?|} "
                + "Part { get; init; } } [CapnpInterface(1)] public interface IService { void Take(Whole value); }",
        ["A group inside itself"] =
            "[CapnpGroup] public record Part(int A) { public {|MP0033:Part|} Inner { get; init; } = null!; } "
                + "[CapnpStruct] public record Whole { public Part Part { get; init; } = null!; } "
                + "[CapnpInterface(1)] public interface IService { void Take(Whole value); }",
        ["A group with an ordinal"] =
            "[CapnpGroup] public record Part(int A); [CapnpStruct] public record Whole { [CapnpField(0)] public "
                + "{|MP0034:Part|} Part { get; init; } = null!; } [CapnpInterface(1)] public interface IService { void "
                + "Take(Whole value); }",
        ["A group twice in a struct"] =
            "[CapnpGroup] public record Part { [CapnpField(0)] public {|MP0034:int|} A { get; init; } } [CapnpStruct] public "
                + "record Whole { public Part One { get; init; } = null!; public Part Two { get; init; } = null!; } "
                + "[CapnpInterface(1)] public interface IService { void Take(Whole value); }",
        ["A list of structs with null"] =
            "[assembly: CapnpContracts] public record Row(int A); [IpcInterface] public interface IService { void "
                + "Take({|MP0033:List<Row?>|} value); }",
        ["A delegate type that Cap'n Proto cannot have"] =
            "[assembly: CapnpContracts] [IpcInterface] public interface IService { void "
                + "Take({|MP0033:Action<SecretString>|} value); }",
        ["Two methods with one ordinal"] =
            "[CapnpInterface(1)] public interface {|MP0034:IService|} { [CapnpMethod(0)] void A(); [CapnpMethod(0)] "
                + "void B(); }",
        ["An ordinal of destroy that a method has"] =
            "[CapnpInterface(1, Destroy = 0)] public interface {|MP0034:IService|} { [CapnpMethod(0)] void A(); }",
        ["A method without an ordinal"] =
            "[CapnpInterface(1)] public interface IService { [CapnpMethod(0)] void A(); void {|MP0034:B|}(); }",
        ["A negative ordinal"] =
            "[CapnpInterface(1)] public interface IService { [CapnpMethod(-1)] void {|MP0034:A|}(); }",
        ["Fields with a gap"] =
            "[CapnpInterface(1)] public interface IService { void A([CapnpField(0)] int a, [CapnpField(2)] "
                + "{|MP0034:int|} b); }",
        ["Fields with one ordinal"] =
            "[CapnpStruct] public class Row { [CapnpField(0)] public int A { get; set; } [CapnpField(0)] public "
                + "{|MP0034:int|} B { get; set; } } [CapnpInterface(1)] public interface IService { void Take(Row "
                + "value); }",
        ["A field in the context's place"] =
            "[CapnpInterface(1, Context = true)] public interface IService { void A([CapnpField(0)] {|MP0034:int|} "
                + "a); }",
        ["A fault that is no exception"] = "[IpcFault] public class {|MP0018:Broken|};",
        ["An abstract fault"] = "[IpcFault] public abstract class {|MP0018:Broken|} : Exception;",
        ["A fault that derives from one with a state of its own"] =
            "[IpcFault] public class {|MP0005:Broken|}(string message) : ArgumentException(message);",
        ["A fault with a member that nothing restores"] =
            "[IpcFault] public class {|MP0016:Broken|} : Exception { public List<int> Rows { get; } = []; }",
        ["A negative time limit"] =
            "[IpcInterface] public interface IService { [{|MP0019:IpcMethod(TimeoutMilliseconds = -1)|}] void Run(); }",
        ["A time limit that nobody waits for"] =
            "[IpcInterface] public interface IService { [IpcOneWay, {|MP0019:IpcMethod(TimeoutMilliseconds = 5)|}] "
                + "void Run(); }",
        ["A local member without a body"] =
            "[IpcInterface] public interface IService { [IpcLocal] void {|MP0020:Run|}(); }",
        ["A union with one key twice"] =
            "[IpcUnion(0, typeof(A)), {|MP0021:IpcUnion(0, typeof(B))|}] public abstract record Base; public record A "
                + ": Base; public record B : Base; [IpcInterface] public interface IService { void Take(Base value); }",
        ["A union with one case twice"] =
            "[IpcUnion(0, typeof(A)), {|MP0021:IpcUnion(1, typeof(A))|}] public abstract record Base; public record A "
                + ": Base; [IpcInterface] public interface IService { void Take(Base value); }",
        ["A union with a stranger"] =
            "[{|MP0021:IpcUnion(0, typeof(string))|}] public abstract record Base; [IpcInterface] public interface "
                + "IService { void Take(Base value); }",
        ["A union that is no abstract type"] =
            "[IpcUnion(0, typeof(A))] public record Base; public record A : Base; [IpcInterface] public interface "
                + "IService { void Take({|MP0021:Base|} value); }",
        ["A union with an abstract case that is no union"] =
            "[IpcUnion(0, typeof(A))] public abstract record Base; public abstract record A : Base; [IpcInterface] "
                + "public interface IService { void Take({|MP0006:Base|} value); }",
        ["A converter that is none"] =
            "[IpcInterface] public interface IService { void Take([{|MP0022:IpcConverter(typeof(string))|}] Guid "
                + "value); }",
        ["A converter of another type"] =
            Converters
                + "[IpcInterface] public interface IService { void Take([{|MP0022:IpcConverter(typeof(Cv))|}] int "
                + "value); }",
        ["Two converters for one parameter"] =
            Converters
                + "[IpcInterface] public interface IService { void Take([IpcConverter(typeof(Cv)), "
                + "{|MP0022:IpcConverter(typeof(Other))|}] Guid value); }",
        ["A converter of a place where nothing has its type"] =
            Converters
                + "[IpcInterface] public interface IService { void Take([{|MP0022:IpcConverter(typeof(Cv))|}] "
                + "List<int> value); }",
        ["A converter of a place for a member of a record there"] =
            Converters
                + "public record Row(Guid Id); [IpcInterface] public interface IService { void "
                + "Take([{|MP0022:IpcConverter(typeof(Cv))|}] Row value); }",
        ["Two converters of a place for its elements"] =
            Converters
                + "[IpcInterface] public interface IService { void Take([IpcConverter(typeof(Cv)), "
                + "{|MP0022:IpcConverter(typeof(Other))|}] Dictionary<int, Guid[]> value); }",
        ["Two converters for one type of a contract"] =
            Converters
                + "[IpcInterface, IpcConverter(typeof(Cv)), {|MP0022:IpcConverter(typeof(Other))|}] public interface "
                + "IService { void Take(List<Guid> value); }",
        ["A formatter of another type"] =
            Formatters
                + "[IpcInterface] public interface IService { void Take([{|MP0022:IpcConverter(typeof(Fv))|}] int "
                + "value); }",
        ["A formatter of a member of another type"] =
            Formatters
                + "[MessagePack.MessagePackObject] public class Row { [MessagePack.Key(0), "
                + "{|MP0022:MessagePack.MessagePackFormatter(typeof(Fv))|}] public int A; } [IpcInterface] public "
                + "interface IService { void Take(Row value); }",
        ["A formatter of a member for its elements"] =
            Formatters
                + "[MessagePack.MessagePackObject] public class Row { [MessagePack.Key(0), "
                + "{|MP0022:MessagePack.MessagePackFormatter(typeof(Fv))|}] public Guid[]? A; } [IpcInterface] public "
                + "interface IService { void Take(Row value); }",
        ["A formatter without a constructor for its arguments"] =
            Formatters
                + "[MessagePack.MessagePackObject] public class Row { [MessagePack.Key(0), "
                + "{|MP0022:MessagePack.MessagePackFormatter(typeof(Fv), 5)|}] public Guid A; } [IpcInterface] public "
                + "interface IService { void Take(Row value); }",
        ["A formatter that cannot be made"] =
            Formatters
                + "[IpcInterface] public interface IService { void Take([{|MP0022:IpcConverter(typeof(Hidden))|}] Guid "
                + "value); }",
        ["A formatter of a type that formats another"] =
            Formatters
                + "[{|MP0022:MessagePack.MessagePackFormatter(typeof(Fv))|}] public class Row { public int A; } "
                + "[IpcInterface] public interface IService { void Take(Row value); }",
        ["What is no formatter"] =
            Formatters
                + "[{|MP0022:MessagePack.MessagePackFormatter(typeof(string))|}] public class Row { public int A; } "
                + "[IpcInterface] public interface IService { void Take(Row value); }",
        ["A formatter with more type parameters than its type"] =
            Formatters
                + "[{|MP0022:MessagePack.MessagePackFormatter(typeof(Dictionary<,>))|}] public class Row<T> { public "
                + "T? A; } [IpcInterface] public interface IService { void Take(Row<int> value); }",
        ["A borrowed value"] =
            "[IpcInterface] public interface IService { void Take([IpcBorrowed] {|MP0030:List<int>|} value); }",
        ["A borrowed out parameter"] =
            "[IpcInterface] public interface IService { void Take([IpcBorrowed] out {|MP0030:Action|} value); }",
        ["An open contract that the assembly names"] =
            "[assembly: IpcClosedInterface(typeof({|MP0026:IStore<>|}))] [IpcInterface] public interface IStore<T> { T "
                + "Get(); }",
        ["A contract that is not generic and that the assembly names"] =
            "[assembly: IpcClosedInterface(typeof({|MP0026:IDisposable|}))]",
        ["An interface that is no contract and that the assembly names"] =
            "[assembly: IpcClosedInterface(typeof({|MP0026:IList<int>|}))]",
        ["A class that the assembly names"] = "[assembly: IpcClosedInterface(typeof({|MP0026:int[]|}))]",
        ["A contract that the assembly closes with a bad type"] =
            "[assembly: IpcClosedInterface(typeof({|MP0003:IStore<object>|}))] [IpcInterface] public interface "
                + "IStore<T> { T Get(); }",
        ["A static abstract operator"] =
            "[IpcInterface] public interface IService { static abstract IService operator {|MP0012:+|}(IService a, "
                + "IService b); }",
        ["Variable arguments"] = "[IpcInterface] public interface IService { void {|MP0012:Take|}(__arglist); }",
        ["An interface of the framework's"] =
            "[IpcInterface] public interface IService { {|MP0003:System.Linq.IGrouping<int, int>|} Get(); }",
        ["An exception of the framework's as a value"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:InvalidOperationException|} value); }",
        ["An exception of the user's own as a value"] =
            "public class Broken : Exception; [IpcInterface] public interface IService { void Take({|MP0003:Broken|} "
                + "value); }",
        ["A nullable cancellation token"] =
            "[IpcInterface] public interface IService { void Take({|MP0003:CancellationToken?|} token); }",
        ["An inline array"] =
            "[System.Runtime.CompilerServices.InlineArray(4)] public struct Four { public int First; } [IpcInterface] "
                + "public interface IService { void Take({|MP0003:Four|} value); }",
        ["A required property that cannot be read"] =
            "public class Form { public required int A { set { } } } [IpcInterface] public interface IService { void "
                + "Take({|MP0016:Form|} value); }",
        ["A property with a private getter"] =
            "public class Form { public int A { private get; set; } public int Twice() => 2 * A; } [IpcInterface] "
                + "public interface IService { void Take({|MP0016:Form|} value); }",
        ["A property that only an interface shows"] =
            "public interface IHas { int A { get; set; } } public class Form : IHas { int IHas.A { get; set; } } "
                + "[IpcInterface] public interface IService { void Take({|MP0016:Form|} value); }",
        ["A member that hides one of the base class"] =
            "public class Base { public int A { get; set; } } public class Form : Base { public new string? A { get; "
                + "set; } } [IpcInterface] public interface IService { void Take({|MP0016:Form|} value); }",
        ["A field behind a property that nothing restores"] =
            "public class Form { private int _a; public int A => _a; public void Add() => _a++; } [IpcInterface] "
                + "public interface IService { void Take({|MP0016:Form|} value); }",
        ["A span of params"] =
            "[IpcInterface] public interface IService { void Take(params {|MP0010:Span<int>|} values); }",
        ["A delegate that returns by reference"] =
            "public delegate ref int Refer(); [IpcInterface] public interface IService { void Take({|MP0008:Refer|} "
                + "value); }",
        ["An asynchronous delegate with a ref parameter"] =
            "public delegate Task Later(ref int x); [IpcInterface] public interface IService { void "
                + "Take({|MP0009:Later|} value); }",
        ["A fault inside a generic type"] =
            "public class Outer<T> { [IpcFault] public class {|MP0001:Broken|} : Exception; }",
        ["A struct that is a collection"] =
            "public struct Bag : IEnumerable<int> { public IEnumerator<int> GetEnumerator() => null!; IEnumerator "
                + "IEnumerable.GetEnumerator() => null!; } [IpcInterface] public interface IService { void "
                + "Take({|MP0003:Bag|} values); }",
        ["A sender in a delegate of the user's own"] =
            "public delegate void Moved(object? sender, EventArgs e); [IpcInterface] public interface IService { event "
                + "{|MP0003:Moved|} Raised; }",
        ["An overload of a generic contract that a priority hides"] =
            "[IpcInterface] public interface IStore<T> { "
                + "[System.Runtime.CompilerServices.OverloadResolutionPriority(1)] T Get(long a); T {|MP0012:Get|}(int "
                + "a); } [IpcInterface] public interface IService { IStore<int> Get(); }",
        ["The id 0"] = "[IpcInterface] public interface IService { [{|MP0019:IpcMethod(0)|}] void Run(); }",
    };

    /// <summary>Calls of the runtime's, in a program that need not have a contract at all.</summary>
    private static readonly Dictionary<string, string> s_calls = new()
    {
        ["A root that nothing closes"] = "IpcConnection.Connect<{|MP0027:IStore<int>|}>(\"unix:x\")",
        ["A root that nothing closes, elsewhere"] = "IpcServer.Listen<{|MP0027:IStore<int>|}>(\"unix:x\", _ => null!)",
        ["A generic method of the user's own, inferred"] = "Infer((IStore<int>)null!)",
        ["A root that the assembly names"] = "IpcConnection.Connect<IStore<long>>(\"unix:x\")",
        ["A root that a contract closes"] = "IpcConnection.Connect<IStore<Guid[]>>(\"unix:x\")",
        ["An unmarked root"] = "IpcConnection.Connect<{|MP0028:IPlain|}>(\"unix:x\")",
        ["An unmarked root, later"] = "IpcConnection.ConnectAsync<{|MP0028:IPlain|}>(\"unix:x\")",
        ["An unmarked root that is served"] = "IpcServer.Listen<{|MP0028:IPlain|}>(\"unix:x\", _ => null!)",
        ["An unmarked root, inferred"] = "IpcServer.{|MP0028:Listen|}(\"unix:x\", _ => (IPlain)null!)",
        ["An unmarked root of a child"] = "IpcChildProcess.Spawn<{|MP0028:IPlain|}>(\"x\")",
        ["An unmarked root that is supervised"] = "IpcSupervisor<{|MP0028:IPlain|}>.Start(\"x\")",
        ["An unmarked root of a parent"] = "IpcParent.TryServe<{|MP0028:IPlain|}>([], _ => null!, out int _)",
        ["An unmarked root of a parent, inferred"] = "IpcParent.{|MP0028:TryServeAsync|}([], _ => (IPlain)null!)",
        ["A class as a root"] = "IpcTestPair.Create<{|MP0028:Plain|}>(new Plain())",
        ["A class as a root, inferred"] = "IpcTestPair.{|MP0028:Create|}(new Plain())",
        ["A class as a root, inferred from a lambda"] = "IpcTestPair.{|MP0028:Create|}(_ => new Plain())",
        ["A delegate as a root"] = "IpcConnection.Connect<{|MP0028:Action|}>(\"unix:x\")",
        ["An interface of the framework's as a root"] = "IpcConnection.Connect<{|MP0028:IList<int>|}>(\"unix:x\")",
        ["A method as a delegate"] =
            "(Func<IpcAddress, IpcConnectionOptions?, IpcConnection<IPlain>>)IpcConnection.Connect<{|MP0028:IPlain|}>",
        ["A marked root"] = "IpcTestPair.Create<IService>((IService)null!)",
        ["What can be disposed"] = "IpcTestPair.Create<IDisposable>((IDisposable)null!)",
        ["An exception of one's own, outside of a contract"] =
            "new Thrower(() => throw new Mine()).Say(() => { try { throw new Mine(); } catch (Exception) { } })",
        ["A root that is not known yet"] = "Connect<int>()",
        ["A generic method of the user's own"] = "List<IStore<int>>()",
    };

    /// <summary>
    /// What is around each of the calls. Where its implementation throws, an information is given beside what the call
    /// is for.
    /// </summary>
    private const string Surroundings = """
        [assembly: IpcClosedInterface(typeof(IStore<long>))]
        [IpcInterface] public interface IStore<T> { T Get(); }
        [IpcInterface] public interface IService { List<IStore<Guid[]>> Get(); }
        public interface IPlain;
        public class Plain : IPlain;
        public class Mine : Exception;
        [IpcFault] public class Marked : Exception;
        public class Thrower(Action work) : IService
        {
            public List<IStore<Guid[]>> Get() => throw new {|MP0029:Mine|}();
            private void Inner(Mine known) { if (known.HResult == 1) throw {|MP0029:known|}; throw new Marked(); }
            private void Caught() { try { throw new Mine(); } catch (Mine) { throw new InvalidOperationException(); } }
            public object? Say(Action other) { work(); other(); return null; }
        }
        """;

    private static IEnumerable<string> Calls => s_calls.Keys;

    private static IEnumerable<string> Cases => s_cases.Keys;

    private static IEnumerable<string> Ids => Rules.All.Select(rule => rule.Id);

    [TestCaseSource(nameof(Cases))]
    public async Task Refusal_is_reported_at_the_users_own_token(string name)
    {
        var markup = Markup.Parse(Usings + s_cases[name]);

        var found = await AnalyzeAsync(markup.Source);

        Assert.That(
            found.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan)),
            Is.EquivalentTo(markup.Expected),
            () => string.Join("\n", found));
    }

    [Test]
    public async Task What_Capnp_lacks_is_left_out_where_the_assembly_says_so()
    {
        const string source = """
            [assembly: CapnpContracts(LeaveOut = true)]
            [IpcInterface]
            public interface IService
            {
                event Action Changed;
                SecretString Get();
                void Take(System.IO.Stream value, ref int count);
                int this[int index] { get; set; }
                Guid Both { get; set; }
                List<SecretString> Times { get; }
                void Use(List<SecretString> times);
            }
            """;
        var compilation = GeneratorRun.Compile(Usings + source);

        var found = await GeneratorRun.AnalyzeAsync(compilation);
        string code = GeneratorRun.GenerateAndCompile(compilation)
            .Single(file => file.HintName.Contains(".capnp.")).SourceText.ToString();

        Assert.That(found, Is.Empty);
        Assert.That(
            code, Does.Contain("throw new global::System.NotSupportedException(\"Get: It is not in Cap'n Proto's"));
        Assert.That(code, Does.Contain(", 6) => 0,"), "Ordinals have gaps.");
    }

    [TestCaseSource(nameof(Cases))]
    public void Refused_type_fails_the_build_without_analyzers_too(string name)
    {
        var markup = Markup.Parse(Usings + s_cases[name]);

        var generated = GeneratorRun.Generate(GeneratorRun.Compile(markup.Source));

        // The contract of an assembly that asks for Cap'n Proto has its own file too.
        Assert.That(
            generated.Single(
                file => !markup.Source.Contains("[assembly: CapnpContracts]") || file.HintName.Contains(".capnp."))
                .SourceText.ToString(),
            Does.Contain($"#error {markup.Expected[0].Id}: "));
    }

    /// <summary>The types of a case are those of another project, and its contracts use them.</summary>
    [Test]
    public async Task Refusal_is_the_same_of_a_referenced_assembly(
        [ValueSource(nameof(CasesWithTypes))] string name, [Values] bool isReferenceAssembly)
    {
        var markup = Markup.Parse(Usings + s_cases[name]);
        var (types, contracts) = TypesApart(markup.Source);
        var library = GeneratorRun.CompileLibrary(isReferenceAssembly, types);

        var found = await GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(contracts).AddReferences(library));

        Assert.That(
            found.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan)),
            Is.EquivalentTo(markup.Expected),
            () => string.Join("\n", found));
    }

    /// <summary>
    /// Those whose types can be compiled without their contracts, and do not carry the expected place themselves.
    /// </summary>
    private static IEnumerable<string> CasesWithTypes => s_cases.Keys.Where(name =>
    {
        var markup = Markup.Parse(Usings + s_cases[name]);
        var (types, contracts) = TypesApart(markup.Source);
        return types.Contains('{')
            && markup.Expected.All(
                expected => contracts.Substring(expected.Span.Start, expected.Span.Length).Trim().Length != 0)
            && !s_onlyFromSource.Contains(name);
    });

    /// <summary>
    /// An internal member of another assembly is no state that a reference assembly shows; the others need their
    /// contracts.
    /// </summary>
    private static readonly HashSet<string> s_onlyFromSource = ["An internal property"];

    /// <summary>The types of a source apart from its contracts, which stay where they were.</summary>
    private static (string Types, string Contracts) TypesApart(string source)
    {
        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(source, GeneratorRun.ParseOptions).GetRoot();
        var types = root.Members
            .OfType<BaseTypeDeclarationSyntax>()
            .Where(
                type => !type.AttributeLists.ToString().Contains(
                    "[IpcInterface") && !type.AttributeLists.ToString().Contains("[IpcFault"))
            .Cast<MemberDeclarationSyntax>()
            .Concat(root.Members.OfType<DelegateDeclarationSyntax>()).ToList();
        var contracts = new System.Text.StringBuilder(source);
        foreach (var type in types)
        {
            contracts.Remove(type.SpanStart, type.Span.Length).Insert(
                type.SpanStart, new string(' ', type.Span.Length));
        }

        return (Usings + string.Concat(types.Select(type => type.ToString() + " ")), contracts.ToString());
    }

    [TestCaseSource(nameof(Calls))]
    public async Task Root_without_code_is_reported_where_it_is_named(string name)
    {
        var markup = Markup.Parse(Usings + $$"""
            {{Surroundings}}
            public static class Program
            {
                public static object? Run() => {{s_calls[name]}};
                private static object Connect<T>() => IpcConnection.Connect<IStore<T>>("unix:x");
                private static object List<T>() => typeof(T);
                private static object Infer<T>(T value) => typeof(T);
            }
            """);

        var found = await AnalyzeAsync(markup.Source);

        Assert.That(
            found.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan)),
            Is.EquivalentTo(markup.Expected),
            () => string.Join("\n", found));
    }

    [TestCaseSource(nameof(Ids))]
    public void Rule_has_a_test_and_a_help_page(string id)
    {
        string root = Path.Combine(GeneratorRun.ProjectDirectory, "..", "..");
        var rule = Rules.All.Single(rule => rule.Id == id);

        // BaselineTests, FailureTests, TrimmingTests
        bool isTestedElsewhere = Rules.OfBaselines.Contains(rule)
            || rule == Rules.Failure
            || rule == Rules.LostOverload;
        Assert.That(
            s_cases.Values.Concat(s_calls.Values).Append(Surroundings).Any(source => source.Contains("{|" + id))
                || isTestedElsewhere,
            "no test");
        Assert.That(
            Uri.TryCreate(rule.HelpLinkUri, UriKind.Absolute, out Uri? page) && page.Scheme == Uri.UriSchemeHttps,
            "no address that a click opens");
        Assert.That(page!.AbsoluteUri, Does.StartWith(Rules.HelpFolder));
        string file = Path.Combine(root, "generators", "diagnostics", page.Segments[^1]);
        Assert.That(File.ReadAllText(file), Does.StartWith($"# {id}: {rule.Title}\n"));
    }

    [Test]
    public async Task Valid_contract_is_not_complained_about()
    {
        Assert.That(
            await AnalyzeAsync(Usings + "[IpcInterface] public interface IService { int Add(int a, int b); }"),
            Is.Empty);
    }

    [Test]
    public async Task Type_that_does_not_compile_is_left_to_the_compiler()
    {
        const string source = Usings + "[IpcInterface] public interface IService { void Take(Missing value); }";

        Assert.That(await AnalyzeAsync(source), Is.Empty);
        Assert.That(GeneratorRun.Generate(GeneratorRun.Compile(source)), Is.Empty);
    }

    private static Task<ImmutableArray<Diagnostic>> AnalyzeAsync(string source)
        => GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(source));
}
