using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections.Disconnects;

/// <summary>The side that is called, and what is to be found out about it afterwards.</summary>
internal sealed class Acts : IActs
{
    private readonly Lock _lock = new();
    private readonly List<Thing> _made = [];
    private Action<int>? _raised;
    private Func<int, int>? _kept;
    private int _posted;
    private int _inside;

    public event Action<int> Raised
    {
        add
        {
            lock (_lock)
            {
                _raised += value;
            }
        }

        remove
        {
            lock (_lock)
            {
                _raised -= value;
            }
        }
    }

    /// <summary>Set when a method that waits was entered.</summary>
    public Signal Entered { get; } = new();

    /// <summary>The other side's object, once it was met.</summary>
    public IActs? Other { get; private set; }

    /// <summary>What the caller keeps, so that it is not collected, and so released, meanwhile.</summary>
    public object? Held { get; set; }

    /// <summary>How many methods run now.</summary>
    public int Inside => Volatile.Read(ref _inside);

    public int Handlers
    {
        get
        {
            lock (_lock)
            {
                return _raised?.GetInvocationList().Length ?? 0;
            }
        }
    }

    /// <summary>How often each object that was made here was disposed.</summary>
    public int[] Disposals
    {
        get
        {
            lock (_lock)
            {
                return [.. _made.Select(thing => thing.Disposals)];
            }
        }
    }

    public int Add(int a, int b) => a + b;

    public int Nest(int depth, Func<int, int> back)
    {
        using var running = new Running(this);
        return depth == 0 ? 0 : 1 + back(depth - 1);
    }

    public void Fail(string message) => throw new InvalidOperationException(message);

    public IThing Make(int number)
    {
        var thing = new Thing(number);
        lock (_lock)
        {
            _made.Add(thing);
        }

        return thing;
    }

    public int Use(IThing thing) => thing.Number();

    public void Keep(Func<int, int>? callback) => _kept = callback;

    public int CallKept(int x) => _kept!(x);

    public void Post(int x) => Interlocked.Add(ref _posted, x);

    public int Posted() => _posted;

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return a + b;
    }

    public async Task<int> CallBackAsync(int x, Func<int, int> back)
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

    public async IAsyncEnumerable<int> Count(int upTo)
    {
        using var running = new Running(this);
        for (int i = 0; i < upTo; i++)
        {
            if (i % 3 == 1)
            {
                await Task.Yield();
            }

            yield return i;
        }
    }

    public async Task<int> SumAsync(IAsyncEnumerable<int> numbers)
    {
        using var running = new Running(this);
        int sum = 0;
        await foreach (int number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    public Stream Open(int length) => new MemoryStream(new byte[length]);

    public long Measure(Stream stream)
    {
        using var running = new Running(this);
        using Stream owned = stream;
        using var copy = new MemoryStream();
        owned.CopyTo(copy, 1024);
        return copy.Length;
    }

    public void Raise(int x) => _raised?.Invoke(x);

    public int Wait(CancellationToken cancellationToken)
    {
        using var running = new Running(this);
        Entered.Set();
        Assert.That(cancellationToken.WaitHandle.WaitOne(Patience.Bound), Is.True, "The token was not cancelled.");
        return 0;
    }

    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        using var running = new Running(this);
        Entered.Set();
        await Task.Delay(Patience.Bound, cancellationToken);
        return 0;
    }

    public int WaitIn(Func<int, int> back)
    {
        using var running = new Running(this);
        return back(1);
    }

    public void Meet(IActs other) => Other = other;

    private sealed class Thing(int number) : IThing
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public int Number() => number;

        public void Dispose() => Interlocked.Increment(ref _disposals);
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
