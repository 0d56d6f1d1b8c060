using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

/// <summary>
/// A proxy whose life ends after a message that names its object was begun, and before that message is sent.
/// </summary>
/// <remarks>Getters end it, since they run while a message is encoded: so the race is lost every time.</remarks>
public sealed class DisposalRaceTests(IpcTestTransport transport) : PairFixture(transport)
{
    private ScalesShop _shop = null!;
    private IpcTestPair<IScalesShop> _pair = null!;

    [SetUp]
    public void MakePair()
    {
        _shop = new ScalesShop();
        _pair = Serve<IScalesShop>(_shop);
    }

    [TearDown]
    public void NothingElseWasHarmed()
    {
        Assert.That(_pair.Root.Ping(), Is.EqualTo(1));
        Patience.Until(() => _pair.LiveObjects == 0, "everything is released");
        _pair.Dispose();
    }

    [Test]
    public void A_call_on_a_proxy_that_is_disposed_meanwhile_reaches_the_disposed_object()
    {
        IScales scales = _pair.Root.Open();

        int weight = scales.Weigh(new Parcel(() => DisposeAndWeigh(scales)));

        Assert.That(weight, Is.EqualTo(-3));
        Assert.That(() => scales.Weigh(new Parcel(3)), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task An_asynchronous_call_on_a_proxy_that_is_disposed_meanwhile_reaches_the_disposed_object()
    {
        IScales scales = _pair.Root.Open();

        int weight = await scales.WeighAsync(new Parcel(() => DisposeAndWeigh(scales)));

        Assert.That(weight, Is.EqualTo(-3));
    }

    [Test]
    public void A_one_way_call_on_a_proxy_that_is_disposed_meanwhile_reaches_the_disposed_object()
    {
        IScales scales = _pair.Root.Open();

        scales.Put(new Parcel(() => DisposeAndWeigh(scales)));

        Assert.That(_pair.Root.LastPut(), Is.EqualTo(-3));
    }

    [Test]
    public void A_call_that_cannot_be_encoded_lets_go_of_the_proxy_that_was_disposed_meanwhile()
    {
        IScales scales = _pair.Root.Open();

        Assert.That(
            () => scales.Weigh(new Parcel(() =>
            {
                scales.Dispose();
                throw new InvalidOperationException("the scales are broken");
            })),
            Throws.TypeOf<IpcException>());
    }

    [Test]
    public void A_proxy_that_is_disposed_while_a_message_brings_it_home_arrives_as_the_object()
    {
        IScales scales = _pair.Root.Open();

        int weight = _pair.Root.WeighOn(scales, new Parcel(() => DisposeAndWeigh(scales)));

        Assert.That(weight, Is.EqualTo(-3));
    }

    [Test]
    public void A_proxy_that_is_disposed_while_a_result_brings_it_home_arrives_as_the_object()
    {
        using var mine = new Scales();

        Assert.That(_pair.Root.Return(mine, out Parcel parcel), Is.SameAs(mine));
        Assert.That(parcel.Weight, Is.EqualTo(3));
    }

    [Test]
    public void A_call_on_a_borrowed_object_may_still_be_sent_when_its_time_is_over()
    {
        _pair.Root.Lend(new Scales());
        _pair.Root.Ping();

        _shop.IsOver.Set();

        Assert.That(_shop.Late.Join(), Is.EqualTo(3));
    }

    private static int DisposeAndWeigh(IScales scales)
    {
        scales.Dispose();
        return 3;
    }
}

[IpcInterface]
public interface IScales : IDisposable
{
    int Weigh(Parcel parcel);

    Task<int> WeighAsync(Parcel parcel);

    [IpcOneWay]
    void Put(Parcel parcel);
}

[IpcInterface]
public interface IScalesShop
{
    IScales Open();

    int WeighOn(IScales scales, Parcel parcel);

    IScales Return(IScales scales, out Parcel parcel);

    void Lend([IpcBorrowed] IScales scales);

    int LastPut();

    int Ping();
}

/// <summary>Shows the weight as a negative number once it is disposed.</summary>
internal sealed class Scales : IScales
{
    private volatile int _sign = 1;

    public int LastPut { get; private set; }

    public int Weigh(Parcel parcel) => _sign * parcel.Weight;

    public Task<int> WeighAsync(Parcel parcel) => Task.FromResult(Weigh(parcel));

    public void Put(Parcel parcel) => LastPut = Weigh(parcel);

    public void Dispose() => _sign = -1;
}

internal sealed class ScalesShop : IScalesShop
{
    private readonly Signal _isEncoding = new();
    private Scales? _opened;

    public Signal IsOver { get; } = new();

    public TestThread<int> Late { get; private set; } = null!;

    public IScales Open() => _opened = new Scales();

    public int WeighOn(IScales scales, Parcel parcel) => scales.Weigh(parcel);

    public IScales Return(IScales scales, out Parcel parcel)
    {
        parcel = new Parcel(() =>
        {
            scales.Dispose();
            return 3;
        });
        return scales;
    }

    public void Lend(IScales scales)
    {
        Late = TestThread.Start(() => scales.Weigh(new Parcel(() =>
        {
            _isEncoding.Set();
            IsOver.Await();
            return 3;
        })));
        _isEncoding.Await();
    }

    public int LastPut() => _opened!.LastPut;

    public int Ping() => 1;
}
