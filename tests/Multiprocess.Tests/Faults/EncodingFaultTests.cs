using Multiprocess.Tests.Calls;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Faults;

public sealed class EncodingFaultTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int FrameLimit = 64 * 1024;

    [Test]
    public void An_argument_that_cannot_be_encoded_throws_before_a_byte_is_sent()
    {
        IpcTestPair<IParcels> pair = Serve<IParcels>(new Parcels());
        pair.Root.Add(1, 1);
        long sent = pair.Faults.ClientToServer.SentBytes;

        IpcException caught = Assert.Throws<IpcException>(() => pair.Root.Weigh(Parcel.Broken))!;

        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotEncoded));
        Assert.That(
            caught.Message,
            Does.Contain("parcel").And.Contain("IParcels.Weigh").And.Contain(nameof(Parcel)).And.Contain(
                "the scales are broken"));
        Assert.That(pair.Faults.ClientToServer.SentBytes, Is.EqualTo(sent));
        Assert.That(pair.Root.Add(1, 2), Is.EqualTo(3));
    }

    [Test]
    public void A_result_that_cannot_be_encoded_names_method_and_type_and_the_connection_lives_on()
    {
        IParcels root = Serve<IParcels>(new Parcels()).Root;

        IpcException caught = Assert.Throws<IpcException>(() => root.Get(broken: true))!;

        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.ResultNotEncoded));
        Assert.That(
            caught.Message,
            Does.Contain("IParcels.Get").And.Contain(nameof(Parcel)).And.Contain("the scales are broken"));
        Assert.That(root.Get(broken: false).Weight, Is.EqualTo(1));
    }

    [Test]
    public void An_out_parameter_that_cannot_be_encoded_is_named()
    {
        IParcels root = Serve<IParcels>(new Parcels()).Root;

        IpcException caught = Assert.Throws<IpcException>(() => root.GetOut(broken: true, out _))!;

        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.ResultNotEncoded));
        Assert.That(caught.Message, Does.Contain("'parcel'").And.Contain("IParcels.GetOut"));
        Assert.That(root.Add(1, 2), Is.EqualTo(3));
    }

    [Test]
    public void A_tasks_result_that_cannot_be_encoded_fails_the_task()
    {
        IParcels root = Serve<IParcels>(new Parcels()).Root;

        Assert.That(
            async () => await root.GetAsync(broken: true).WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcException>().With.Property("Kind")
                .EqualTo(IpcErrorKind.ResultNotEncoded).And.Message.Contains("IParcels.GetAsync"));
        Assert.That(root.Add(1, 2), Is.EqualTo(3));
    }

    [Test]
    public void A_call_larger_than_the_receivers_limit_is_not_sent()
    {
        IpcTestPair<IShapes> pair = Serve<IShapes>(new Shapes(), server: Limited());
        pair.Root.Add(1, 1);
        long sent = pair.Faults.ClientToServer.SentBytes;

        IpcException caught = Assert.Throws<IpcException>(() => pair.Root.EchoBytes(new byte[FrameLimit]))!;

        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(
            caught.Message,
            Does.Contain("IShapes.EchoBytes").And.EndsWith(
                $"exceeds the limit of {FrameLimit:N0}, which is the receiver's IpcLimits.MaxFrameBytes."));
        Assert.That(pair.Faults.ClientToServer.SentBytes, Is.EqualTo(sent));
        Assert.That(pair.Root.EchoBytes(new byte[FrameLimit - 100]), Has.Length.EqualTo(FrameLimit - 100));
    }

    [Test]
    public void A_result_larger_than_the_receivers_limit_is_an_error_that_names_the_method()
    {
        IpcTestPair<IShapes> pair = Serve<IShapes>(new Shapes(), client: Limited());

        IpcException caught = Assert.Throws<IpcException>(() => pair.Root.EchoBytes(new byte[FrameLimit]))!;

        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(
            caught.Message,
            Does.Contain("IShapes.EchoBytes").And.EndsWith(
                $"exceeds the limit of {FrameLimit:N0}, which is the receiver's IpcLimits.MaxFrameBytes."));
        Assert.That(pair.Root.EchoBytes(new byte[FrameLimit - 100]), Has.Length.EqualTo(FrameLimit - 100));
    }

    [Test]
    public void A_value_that_nests_too_deep_is_not_sent()
    {
        IShapes root = Serve<IShapes>(new Shapes()).Root;
        var value = new Everything("", [], [], [], null, [], (0, ""), Fruit.Apple, [], default, default, null);
        for (int i = 0; i < 100; i++)
        {
            value = value with { Inner = value };
        }

        Assert.That(() => root.Echo(value), Throws.TypeOf<IpcException>().With.Message.Contains("nests deeper"));
        Assert.That(root.Add(1, 2), Is.EqualTo(3));
    }

    private static IpcConnectionOptions Limited() => new() { Limits = new IpcLimits { MaxFrameBytes = FrameLimit } };
}
