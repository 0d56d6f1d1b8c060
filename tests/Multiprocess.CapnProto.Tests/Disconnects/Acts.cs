using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>One side, which is called, and what the test wants to know about it afterwards.</summary>
internal sealed class Acts : IActs
{
    // What rests in a callback or a disposal has no token: the test says when the connection has ended.
    private readonly ManualResetEventSlim _hasEnded = new();
    private readonly Lock _lock = new();
    private readonly List<Thing> _made = [];
    private Back? _kept;
    private int _inside;

    public string Title { get; set; } = "";

    /// <summary>Set when a method that waits was entered.</summary>
    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Objects that the caller keeps, so that they are not collected, and so released, meanwhile.</summary>
    public object? Held { get; set; }

    /// <summary>How many methods are running.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>The objects that were made here.</summary>
    public Thing[] Made
    {
        get
        {
            lock (_lock)
            {
                return [.. _made];
            }
        }
    }

    public int Add(int a, int b) => a + b;

    public int AddAnywhere(int a, int b) => a + b;

    public int Nest(int depth, Back back)
    {
        using var running = new Running(this);
        return depth == 0 ? 0 : 1 + back(depth - 1);
    }

    public void Fail(string message) => throw new InvalidOperationException(message);

    public void FailAsDeclared(string message) => throw new ActException(message);

    /// <summary>Lets what rests go on. Called when the connection has ended.</summary>
    public void HasEnded() => _hasEnded.Set();

    /// <summary>Rests in a callback, until the connection has ended.</summary>
    public int Rest()
    {
        using var running = new Running(this);
        Entered.TrySetResult();
        Assert.That(_hasEnded.Wait(PeerCalls.Bound), Is.True, "The connection has not ended.");
        return 0;
    }

    public IThing Make(int number) => Make(number, isSlow: false);

    public IThing MakeSlow() => Make(5, isSlow: true);

    public async Task<IThing> MakeNeverAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        return Make(1);
    }

    public int Hold(IThing thing)
    {
        Held = thing;
        Assert.That(thing.Number(), Is.EqualTo(3));
        using var running = new Running(this);
        Entered.TrySetResult();
        _hasEnded.Wait(PeerCalls.Bound);
        return thing.Number();
    }

    public int WaitAnywhere(CancellationToken cancellationToken) => Wait(cancellationToken);

    private Thing Make(int number, bool isSlow)
    {
        var thing = new Thing(this, number, isSlow);
        lock (_lock)
        {
            _made.Add(thing);
        }

        return thing;
    }

    public int Use(IThing thing)
    {
        using var running = new Running(this);
        return thing.Number();
    }

    public void Keep(Back? callback) => _kept = callback;

    public int CallKept(int x)
    {
        using var running = new Running(this);
        return _kept!(x);
    }

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return a + b;
    }

    public async Task<int> CallBackAsync(int x, Back back)
    {
        using var running = new Running(this);
        await Task.Yield();
        return back(x);
    }

    public async Task<IThing> MakeAsync(int number)
    {
        await Task.Yield();
        return Make(number);
    }

    public int Wait(CancellationToken cancellationToken)
    {
        using var running = new Running(this);
        Entered.TrySetResult();
        Assert.That(cancellationToken.WaitHandle.WaitOne(PeerCalls.Bound), Is.True, "The token was not cancelled.");
        throw new OperationCanceledException(cancellationToken);
    }

    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        using var running = new Running(this);
        Entered.TrySetResult();
        await Task.Delay(PeerCalls.Bound, cancellationToken);
        return 0;
    }

    public CapnpReference? Pass(CapnpReference? any) => any;

    public bool TrySum(int[] numbers, ref int sum, out string text)
    {
        sum += numbers.Sum();
        text = "summed";
        return true;
    }

    /// <summary>An object that counts its disposals.</summary>
    internal sealed class Thing(Acts owner, int number, bool isSlow) : IThing
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public int Number()
        {
            using var running = new Running(owner);
            return number;
        }

        public int Twice() => 2 * number;

        public void Dispose()
        {
            if (isSlow)
            {
                owner.Rest();
            }

            Interlocked.Increment(ref _disposals);
        }
    }

    private readonly struct Running : IDisposable
    {
        private readonly Acts _acts;

        public Running(Acts acts)
        {
            _acts = acts;
            Interlocked.Increment(ref acts._inside);
        }

        public void Dispose() => Interlocked.Decrement(ref _acts._inside);
    }
}
