using System.Runtime.CompilerServices;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class CallbackLifetimeTests(IpcTestTransport transport) : PairFixture(transport)
{
    private IShapes _root = null!;
    private Func<int> _liveObjects = null!;

    [SetUp]
    public void MakePair()
    {
        IpcTestPair<IShapes> pair = Serve<IShapes>(new Shapes());
        _root = pair.Root;
        _liveObjects = () => pair.LiveObjects;
    }

    [Test]
    public void A_saved_callback_can_be_called_twice_and_is_released_when_it_is_forgotten()
    {
        var feedback = new Feedback();

        _root.Save(feedback);

        Assert.That(_liveObjects(), Is.EqualTo(1));
        Assert.That(_root.AskSaved("a"), Is.EqualTo("a!"));
        Assert.That(_root.AskSaved("b"), Is.EqualTo("b!"));
        Assert.That(feedback.Calls, Is.EqualTo(2));

        _root.Save(null);

        Assert.That(_root.HasSaved, Is.False);
        Patience.UntilCollected(() => _liveObjects() == 0, "the callback is released");
    }

    [Test]
    public void A_callback_of_one_call_is_released_after_it()
    {
        AskOnce();

        Patience.UntilCollected(() => _liveObjects() == 0, "the callback is released");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AskOnce() => _root.Ask(new Feedback(), "x");
}
