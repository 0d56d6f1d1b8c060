namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>The interface with which libmultiprocess tests itself: every form that its conventions have.</summary>
[CapnpInterface(0x90de09db457f4d3b)]
public interface IFoo
{
    [CapnpMethod(0)]
    int Add(int a, int b);

    [CapnpMethod(19)]
    void AddOut(int a, int b, out int ret);

    [CapnpMethod(20)]
    void AddInOut(int x, ref int sum);

    [CapnpMethod(1)]
    int MapSize(Dictionary<string, string> map);

    [CapnpMethod(2)]
    FooStruct Pass(FooStruct arg);

    [CapnpMethod(3)]
    [CapnpThrows(0, typeof(FooException))]
    void Raise(FooStruct arg);

    [CapnpMethod(4, ThreadMap = true)]
    void InitThreadMap();

    [CapnpMethod(5, Context = 0)]
    int Callback(IFooCallback callback, int arg);

    [CapnpMethod(6, Context = 0)]
    int CallbackUnique(IFooCallback callback, int arg);

    [CapnpMethod(7, Context = 0)]
    int CallbackShared(IFooCallback callback, int arg);

    [CapnpMethod(8, Context = 0)]
    void SaveCallback(IFooCallback? callback);

    [CapnpMethod(9, Context = 0)]
    int CallbackSaved(int arg);

    [CapnpMethod(10, Context = 0)]
    int CallbackExtended(IExtendedCallback callback, int arg);

    [CapnpMethod(11)]
    FooCustom PassCustom(FooCustom arg);

    [CapnpMethod(12)]
    FooEmpty PassEmpty(FooEmpty arg);

    [CapnpMethod(24)]
    byte[] PassData(byte[] arg);

    [CapnpMethod(13)]
    FooMessage PassMessage(FooMessage arg);

    [CapnpMethod(14)]
    void PassMutable(ref FooMessage arg);

    [CapnpMethod(15)]
    [return: CapnpField(0, Type = CapnpFieldType.Int32)]
    FooEnum PassEnum([CapnpField(0, Type = CapnpFieldType.Int32)] FooEnum arg);

    [CapnpMethod(23)]
    double PassDouble(double arg);

    [CapnpMethod(16, Context = 0)]
    int PassFn(FooFn fn);

    [CapnpMethod(17)]
    void CallFn();

    [CapnpMethod(18, Context = 0)]
    void CallFnAsync();

    [CapnpMethod(21, Context = 0)]
    int CallIntFnAsync(int arg);

    [CapnpMethod(22)]
    List<byte[]?> PassDataPointers(List<byte[]?> arg);
}

[CapnpInterface(0xb5a2f89c910238fc, Context = true, Destroy = 0)]
public interface IFooCallback : IDisposable
{
    [CapnpMethod(1)]
    int Call(int arg);
}

[CapnpInterface(0xfdf7a3bf8cf37ff5, Context = true)]
public interface IExtendedCallback : IFooCallback
{
    [CapnpMethod(0)]
    int CallExtended(int arg);
}

[CapnpInterface(0xb9ab462afcf29e05, Context = true, Destroy = 0)]
[CapnpMethod(1)]
public delegate int FooFn();

public enum FooEnum : byte
{
    None,
    One,
    Two,
}

[CapnpStruct(0x9bed24c2486a3613)]
public sealed record FooStruct
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1)]
    public SortedSet<int> SetInt { get; init; } = [];

    [CapnpField(2)]
    public List<bool> VectorBool { get; init; } = [];

    [CapnpField(3, Has = 4)]
    public int? OptionalInt { get; init; }

    [CapnpField(5)]
    public HashSet<int> UnorderedSetInt { get; init; } = [];

    [CapnpField(6)]
    public Dictionary<string, int> MapStringInt { get; init; } = [];
}

/// <summary>The same struct as an exception.</summary>
[CapnpStruct(0x9bed24c2486a3613)]
public sealed class FooException : Exception
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1)]
    public SortedSet<int> SetInt { get; init; } = [];

    [CapnpField(2)]
    public List<bool> VectorBool { get; init; } = [];

    [CapnpField(3, Has = 4)]
    public int? OptionalInt { get; init; }

    [CapnpField(5)]
    public HashSet<int> UnorderedSetInt { get; init; } = [];

    [CapnpField(6)]
    public Dictionary<string, int> MapStringInt { get; init; } = [];
}

[CapnpStruct(0xf865f5e9c4f493d6)]
public readonly record struct FooCustom(string V1, int V2);

[CapnpStruct(0xcac245e8a2eefbb8)]
public sealed record FooEmpty;

[CapnpStruct(0xa9e307b049e71b2b)]
public sealed record FooMessage(string Message);
