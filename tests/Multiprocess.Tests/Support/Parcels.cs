namespace Multiprocess.Tests.Support;

/// <summary>A value whose getter runs code of the test while a message is encoded.</summary>
[MessagePackObject]
public sealed class Parcel
{
    private readonly Func<int> _weigh;

    public Parcel(Func<int> weigh) => _weigh = weigh;

    public Parcel(int weight) => _weigh = () => weight;

    [Key(0)]
    public int Weight => _weigh();

    /// <summary>A parcel that cannot be encoded.</summary>
    public static Parcel Broken => new(() => throw new InvalidOperationException("the scales are broken"));
}

[IpcInterface]
public interface IParcels
{
    int Add(int a, int b);

    int Weigh(Parcel parcel);

    int WeighWith(IListener listener, Parcel parcel);

    Task<int> WeighAsync(IListener listener, Parcel parcel);

    Parcel Get(bool broken);

    Task<Parcel> GetAsync(bool broken);

    void GetOut(bool broken, out Parcel parcel);

    IListener GetWith(bool broken, out Parcel parcel);
}

internal sealed class Parcels : IParcels
{
    public int Add(int a, int b) => a + b;

    public int Weigh(Parcel parcel) => parcel.Weight;

    public int WeighWith(IListener listener, Parcel parcel) => listener.Ask(parcel.Weight);

    public Task<int> WeighAsync(IListener listener, Parcel parcel) => Task.FromResult(parcel.Weight);

    public Parcel Get(bool broken) => broken ? Parcel.Broken : new Parcel(1);

    public async Task<Parcel> GetAsync(bool broken)
    {
        await Task.Yield();
        return Get(broken);
    }

    public void GetOut(bool broken, out Parcel parcel) => parcel = Get(broken);

    public IListener GetWith(bool broken, out Parcel parcel)
    {
        parcel = Get(broken);
        return new Listener();
    }
}
