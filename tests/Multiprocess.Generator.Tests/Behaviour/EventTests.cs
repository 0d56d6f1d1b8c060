namespace Multiprocess.Generator.Tests.Behaviour;

[IpcInterface]
public interface ISource : IDisposable
{
    event EventHandler? Raised;

    event EventHandler<MovedEventArgs>? Moved;

    [IpcOneWay]
    event Action<int>? Posted;

    event Action<int>? Heard;

    void Raise(int value);

    void RaiseFor(ISource sender);
}

[IpcInterface]
public interface ISourceHost
{
    ISource Make();

    ISource Root { get; }
}

internal sealed class Source : ISource
{
    public event EventHandler? Raised;

    public event EventHandler<MovedEventArgs>? Moved;

    public event Action<int>? Posted;

    public event Action<int>? Heard;

    public void Raise(int value)
    {
        Raised?.Invoke(this, EventArgs.Empty);
        Moved?.Invoke(this, new MovedEventArgs(value));
        Posted?.Invoke(value);
        Heard?.Invoke(value);
    }

    public void RaiseFor(ISource sender) => Raised?.Invoke(sender, EventArgs.Empty);

    public void Dispose()
    {
    }
}

internal sealed class SourceHost : ISourceHost
{
    private readonly Source _root = new();

    public ISource Root => _root;

    public Source? Last { get; private set; }

    public ISource Make() => Last = new Source();
}

/// <summary>Events: who the sender is, and what becomes of handlers.</summary>
[TestFixture(Reached.Directly)]
[TestFixture(Reached.ThroughProxy)]
[CancelAfter(60_000)]
public sealed class EventTests(Reached reached)
{
    private readonly Subject<ISourceHost> _subject = new(new SourceHost(), reached);

    [OneTimeTearDown]
    public void End() => _subject.Dispose();

    [Test]
    public void Sender_is_the_object_whose_event_it_is()
    {
        using var a = _subject.Root.Make();
        using var b = _subject.Root.Make();
        var senders = new List<object?>();
        EventHandler handler = (sender, _) => senders.Add(sender);
        EventHandler<MovedEventArgs> moved = (sender, _) => senders.Add(sender);
        a.Raised += handler;
        b.Raised += handler;
        b.Moved += moved;

        a.Raise(1);
        b.Raise(2);

        Assert.That(senders, Has.Count.EqualTo(3));
        Assert.That(senders[0], Is.SameAs(a));
        Assert.That(senders[1], Is.SameAs(b));
        Assert.That(senders[2], Is.SameAs(b));
    }

    [Test]
    public void Sender_of_the_other_side_comes_home()
    {
        using var source = _subject.Root.Make();
        var own = new Source();
        object? heard = null;
        source.Raised += (sender, _) => heard = sender;

        source.RaiseFor(own);

        Assert.That(heard, Is.SameAs(own));
    }

    [Test]
    public void One_way_handler_is_removed_like_any_other()
    {
        using var source = _subject.Root.Make();
        int heard = 0;
        Action<int> handler = _ => Interlocked.Increment(ref heard);
        Action<int> waiting = _ => { };
        source.Posted += handler;
        source.Heard += waiting;
        source.Posted -= handler;

        source.Raise(1);
        source.Raise(2);

        Assert.That(heard, Is.Zero);
    }
}
