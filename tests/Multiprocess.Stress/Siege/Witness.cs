namespace Multiprocess.Stress.Siege;

/// <summary>
/// A client that was there before the trouble, and calls all the time: every answer must be right, and none may be
/// missing.
/// </summary>
internal sealed class Witness : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly IpcConnection<IStress> _connection;
    private readonly Thread _thread;
    private volatile bool _stops;
    private Exception? _failure;
    private long _calls;

    public Witness(IpcAddress address)
    {
        _connection = IpcConnection.Connect<IStress>(address);
        _thread = new Thread(Call) { IsBackground = true, Name = "witness" };
        _thread.Start();

        // Its worker is there before others are not. The calling thread makes no call: its worker on the server would
        // stay, and the callers of a siege would take it for one that their calls left behind.
        MustGoOn(1);
    }

    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Waits until it has had so many more answers.</summary>
    public void MustGoOn(int calls)
    {
        long until = Calls + calls;
        if (!SpinWait.SpinUntil(() => Calls >= until || _failure is not null, s_patience) || _failure is not null)
        {
            throw new StressFailure(
                $"A client that was connected did not go on: {Calls:N0} calls, then "
                    + $"{_failure?.ToString() ?? "no answer"}");
        }
    }

    public void Dispose()
    {
        _stops = true;
        _connection.Dispose();
        _thread.Join(s_patience);
    }

    private void Call()
    {
        try
        {
            for (int i = 0; !_stops; i++)
            {
                int sum = i % 10 == 0
                    ? _connection.Root.AddAsync(i, 1).WaitAsync(s_patience).GetAwaiter().GetResult()
                    : _connection.Root.Add(i, 1);
                if (sum != i + 1)
                {
                    throw new StressFailure($"{i} and 1 are {sum}.");
                }

                Interlocked.Increment(ref _calls);
            }
        }
        catch (Exception exception)
        {
            if (!_stops)
            {
                _failure = exception;
            }
        }
    }
}
