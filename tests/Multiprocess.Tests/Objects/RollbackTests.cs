using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

/// <summary>References in messages that are never sent, or never read.</summary>
public sealed class RollbackTests(IpcTestTransport transport) : PairFixture(transport)
{
    private IpcTestPair<IParcels> _pair = null!;

    [SetUp]
    public void MakePair() => _pair = Serve<IParcels>(new Parcels());

    [TearDown]
    public void ForgetPair() => _pair.Dispose();

    [Test]
    public void References_of_a_call_that_cannot_be_encoded_are_taken_back()
    {
        Assert.That(() => _pair.Root.WeighWith(new Listener(), Parcel.Broken), Throws.TypeOf<IpcException>());
        Assert.That(
            async () => await _pair.Root.WeighAsync(new Listener(), Parcel.Broken), Throws.TypeOf<IpcException>());

        Assert.That(_pair.LiveObjects, Is.Zero);
    }

    [Test]
    public void References_of_a_result_that_cannot_be_encoded_are_taken_back()
    {
        Assert.That(() => _pair.Root.GetWith(broken: true, out _), Throws.TypeOf<IpcException>());

        Assert.That(_pair.LiveObjects, Is.Zero);
    }

    [Test]
    public void A_reference_that_was_there_before_survives_a_rollback()
    {
        var listener = new Listener();
        int inside = 0;
        listener.OnAsk = x =>
        {
            // The server holds the listener while this runs.
            Assert.That(() => _pair.Root.WeighWith(listener, Parcel.Broken), Throws.TypeOf<IpcException>());
            inside = _pair.LiveObjects;
            return x;
        };

        Assert.That(_pair.Root.WeighWith(listener, new Parcel(4)), Is.EqualTo(4));
        Assert.That(inside, Is.EqualTo(1));
    }
}
