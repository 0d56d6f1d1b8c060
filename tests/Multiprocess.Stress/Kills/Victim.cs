using System.Runtime.CompilerServices;

namespace Multiprocess.Stress.Kills;

/// <summary>
/// Either side of a call that rests while a process is killed, and what is to be found out about it afterwards.
/// </summary>
/// <param name="say">Is told when something rests.</param>
public sealed class Victim(Action<string> say) : IVictim
{
    /// <summary>What is said by that which rests.</summary>
    public const string Rests = "rests";

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    // Guards what follows.
    private readonly Lock _lock = new();
    private readonly List<Func<int>> _disposals = [];
    private readonly List<Exception> _lost = [];
    private readonly HashSet<Task> _reports = [];
    private Action<int>? _raised;
    private Action<string>? _report;
    private int _inside;
    private int _cancelled;

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

    /// <summary>What the caller keeps, so that it is not collected, and so released, meanwhile.</summary>
    public object? Held { get; set; }

    /// <summary>Whether methods run, or handlers or objects are left.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
            {
                return _inside > 0 || _raised is not null || _disposals.Exists(disposals => disposals() == 0);
            }
        }
    }

    /// <summary>
    /// What happened here: what was cancelled, what calls to the other side threw, how often each object was disposed.
    /// </summary>
    public string Outcome
    {
        get
        {
            lock (_lock)
            {
                return Describe(
                    _cancelled,
                    _lost.Select(exception => exception.GetType().Name),
                    _disposals.Select(disposals => disposals()));
            }
        }
    }

    public static string Describe(int cancelled, IEnumerable<string> lost, IEnumerable<int> disposals)
        => $"cancelled {cancelled}; lost [{string.Join(' ', lost)}]; disposed [{string.Join(' ', disposals)}]";

    /// <summary>What a connection holds.</summary>
    public static string Left(IpcConnection connection)
        => $"exports {connection.LiveExports}, imports {connection.LiveImports}, workers {connection.WorkerThreads}, "
            + $"calls {connection.CallsInFlight}";

    public void Report(Action<string> to)
    {
        lock (_lock)
        {
            _report = to;
        }
    }

    public int Add(int a, int b) => a + b;

    public int Rest() => RestUntil(IpcCall.Current!.CancellationToken);

    public int RestUntil(CancellationToken cancellationToken)
    {
        using var running = new Running(this);
        Say();
        if (!cancellationToken.WaitHandle.WaitOne(s_bound))
        {
            throw new TimeoutException("The token was not cancelled.");
        }

        Interlocked.Increment(ref _cancelled);
        throw new OperationCanceledException(cancellationToken);
    }

    public async Task<int> RestAsync(CancellationToken cancellationToken)
    {
        using var running = new Running(this);
        Say();
        try
        {
            await Task.Delay(s_bound, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            throw;
        }

        throw new TimeoutException("The token was not cancelled.");
    }

    public int Nest(int depth, Func<int, int> back) => depth == 0 ? Rest() : CallOther(() => back(depth - 1));

    public IPart Make() => Remember(new Part(this, isSlow: false));

    public IPart MakeSlow() => Remember(new Part(this, isSlow: true));

    public int Hold(IPart part)
    {
        Held = part;
        return part.Number() + Rest();
    }

    public int Ask(IPart part) => CallOther(part.Rest);

    public int CallBack(Func<int, int> back) => CallOther(() => back(1));

    public Task<int> CallBackAsync(Func<int, CancellationToken, Task<int>> back)
        => CallOtherAsync(() => back(1, CancellationToken.None));

    public async IAsyncEnumerable<int> Items([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return 1;
        yield return await RestAsync(cancellationToken);
    }

    public Task<int> SumAsync(IAsyncEnumerable<int> items) => CallOtherAsync(() => Sum(items));

    public Stream Open() => Remember(new RestingStream(this));

    public int Measure(Stream stream) => CallOther(() => stream.Read(new byte[100]));

    public void Post() => Rest();

    public void Raise(int value)
    {
        Action<int>? raised;
        lock (_lock)
        {
            raised = _raised;
        }

        CallOther(() =>
        {
            raised?.Invoke(value);
            return 0;
        });
    }

    public static async Task<int> Sum(IAsyncEnumerable<int> items)
    {
        int sum = 0;
        await foreach (int item in items)
        {
            sum += item;
        }

        return sum;
    }

    private Part Remember(Part part)
    {
        lock (_lock)
        {
            _disposals.Add(() => part.Disposals);
        }

        return part;
    }

    private RestingStream Remember(RestingStream stream)
    {
        lock (_lock)
        {
            _disposals.Add(() => stream.Disposals);
        }

        return stream;
    }

    private void Say()
    {
        lock (_lock)
        {
            if (_report is { } report)
            {
                // From elsewhere: the call that rests is not to be in a callback.
                _reports.Add(Task.Run(() => report(Rests)));
                return;
            }
        }

        say(Rests);
    }

    private int CallOther(Func<int> call)
    {
        using var running = new Running(this);
        try
        {
            return call();
        }
        catch (Exception exception)
        {
            Note(exception);
            throw;
        }
    }

    private async Task<int> CallOtherAsync(Func<Task<int>> call)
    {
        using var running = new Running(this);
        try
        {
            return await call();
        }
        catch (Exception exception)
        {
            Note(exception);
            throw;
        }
    }

    private void Note(Exception exception)
    {
        lock (_lock)
        {
            _lost.Add(exception);
        }
    }

    private sealed class Part(Victim victim, bool isSlow) : IPart
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public int Number() => 1;

        public int Rest() => victim.Rest();

        public void Dispose()
        {
            if (Interlocked.Increment(ref _disposals) == 1 && isSlow)
            {
                victim.Rest();
            }
        }
    }

    /// <summary>Rests when it is read.</summary>
    private sealed class RestingStream(Victim victim) : Stream
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public override bool CanRead => Disposals == 0;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => victim.Rest();

        public override int Read(Span<byte> buffer) => victim.Rest();

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
            => await victim.RestAsync(cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => victim.RestAsync(cancellationToken);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            Interlocked.Increment(ref _disposals);
            base.Dispose(disposing);
        }
    }

    private readonly struct Running : IDisposable
    {
        private readonly Victim _victim;

        public Running(Victim victim)
        {
            _victim = victim;
            lock (victim._lock)
            {
                victim._inside++;
            }
        }

        public void Dispose()
        {
            lock (_victim._lock)
            {
                _victim._inside--;
            }
        }
    }
}
