namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>Does what libmultiprocess's own implementation of the interface does.</summary>
internal sealed class Foo : IFoo
{
    private IFooCallback? _saved;

    public int ThreadMaps { get; private set; }

    public Action OnFn { get; set; } = () => { };

    public int Add(int a, int b) => a + b;

    public void AddOut(int a, int b, out int ret) => ret = a + b;

    public void AddInOut(int x, ref int sum) => sum += x;

    public int MapSize(Dictionary<string, string> map) => map.Count;

    public FooStruct Pass(FooStruct arg) => arg;

    public void Raise(FooStruct arg) => throw new FooException
    {
        Name = arg.Name,
        SetInt = arg.SetInt,
        VectorBool = arg.VectorBool,
        OptionalInt = arg.OptionalInt,
        UnorderedSetInt = arg.UnorderedSetInt,
        MapStringInt = arg.MapStringInt,
    };

    public void InitThreadMap() => ThreadMaps++;

    public int Callback(IFooCallback callback, int arg) => callback.Call(arg);

    public int CallbackUnique(IFooCallback callback, int arg)
    {
        using (callback)
        {
            return callback.Call(arg);
        }
    }

    public int CallbackShared(IFooCallback callback, int arg) => callback.Call(arg);

    public void SaveCallback(IFooCallback? callback)
    {
        _saved?.Dispose();
        _saved = callback;
    }

    public int CallbackSaved(int arg) => _saved!.Call(arg);

    public int CallbackExtended(IExtendedCallback callback, int arg) => callback.CallExtended(arg);

    public FooCustom PassCustom(FooCustom arg) => arg;

    public FooEmpty PassEmpty(FooEmpty arg) => arg;

    public byte[] PassData(byte[] arg) => arg;

    public FooMessage PassMessage(FooMessage arg) => new(arg.Message + " read call build");

    public void PassMutable(ref FooMessage arg) => arg = new(arg.Message + " pass call return");

    public FooEnum PassEnum(FooEnum arg) => arg;

    public double PassDouble(double arg) => arg;

    public int PassFn(FooFn fn) => fn();

    public void CallFn() => OnFn();

    public void CallFnAsync() => OnFn();

    public int CallIntFnAsync(int arg) => arg * 2;

    public List<byte[]?> PassDataPointers(List<byte[]?> arg) => arg;
}
