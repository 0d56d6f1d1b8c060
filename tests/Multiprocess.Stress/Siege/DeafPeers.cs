using System.IO.Pipelines;

namespace Multiprocess.Stress.Siege;

/// <summary>
/// Peers that make a server hold as much as they can: they call and never receive, or stop in the middle of what they
/// send.
/// </summary>
internal sealed class DeafPeers : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly List<DeafStream> _streams = [];
    private readonly List<IpcConnection<IStress>> _connections = [];
    private readonly List<Thread> _threads = [];

    /// <summary>Begins one more peer.</summary>
    /// <param name="address">Where the server serves.</param>
    /// <param name="threads">How many threads of it call.</param>
    /// <param name="bytes">How many bytes each call has, and asks for.</param>
    /// <param name="sends">How much of all that is sent.</param>
    public void Add(IpcAddress address, int threads, int bytes, long sends)
    {
        var stream = new DeafStream(address);
        _streams.Add(stream);
        IpcConnection<IStress> connection = IpcConnection.ConnectAsync<IStress>(new Ends(stream))
            .WaitAsync(s_patience).GetAwaiter().GetResult();
        _connections.Add(connection);
        connection.Root.Add(1, 1);
        stream.BeDeaf();
        stream.FallSilentAfter(sends);
        byte[] sent = new byte[bytes];
        for (int i = 0; i < threads; i++)
        {
            var thread = new Thread(() => Call(connection, sent), 256 * 1024) { IsBackground = true };
            thread.Start();
            _threads.Add(thread);
        }
    }

    public void Dispose()
    {
        _streams.ForEach(stream => stream.Dispose());
        _connections.ForEach(connection => connection.Dispose());
        if (!_threads.TrueForAll(thread => thread.Join(s_patience)))
        {
            throw new StressFailure("A call of a peer that has gone did not end.");
        }
    }

    private static void Call(IpcConnection<IStress> connection, byte[] sent)
    {
        try
        {
            while (true)
            {
                connection.Root.Note(1);
                connection.Root.Reverse(sent);
            }
        }
        catch (IpcException)
        {
            // The connection has ended, by either side.
        }
    }

    private sealed class Ends(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream);

        public PipeWriter Output { get; } = PipeWriter.Create(stream);
    }
}
