using System.Buffers.Binary;
using System.Collections.Concurrent;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Node.Mempool;
using NBitcoin;
using NetMQ;
using NetMQ.Sockets;

namespace Bitcoin.Node.Zmq;

/// <summary>Publishes changes of chain and pool over ZeroMQ, in their order.</summary>
/// <remarks>
/// Chain and pool call it under their gate; there it only queues a message. One thread owns the sockets and sends. A
/// subscriber that does not read loses the messages above the high-water mark and delays nobody: the sequence numbers
/// in the messages show the gap.
/// </remarks>
internal sealed class ZmqPublisher : IChainSubscriber, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly NodeContext _node;
    private readonly DebugLog _log;
    private readonly BlockingCollection<Action> _waiting = [];
    private readonly Thread _thread;
    private readonly ChainSubscription _subscription;

    // Used by the thread only, once it has started.
    private readonly Dictionary<string, PublisherSocket> _sockets = [];
    private readonly List<Topic> _topics = [];

    // Used by the thread that delivers notifications, one at a time.
    private ChainBlock? _lastTip;

    private ZmqPublisher(NodeContext node, IReadOnlyList<ZmqTopic> topics)
    {
        _node = node;
        _log = node.Log;
        Topics = topics;
        try
        {
            foreach (ZmqTopic topic in topics)
            {
                _topics.Add(new Topic(topic, Socket(topic)));
            }
        }
        catch (Exception exception) when (exception is NetMQException
            or System.Net.Sockets.SocketException
            or ArgumentException
            or FormatException)
        {
            CloseSockets();
            throw new HostException($"ZeroMQ: {exception.Message}", exception);
        }

        node.Pool.Added += OnAdded;
        node.Pool.Removed += OnRemoved;
        node.Pool.BlockTaken += OnBlockTaken;
        node.Pool.BlockLeft += OnBlockLeft;
        _subscription = node.Tree.Subscribe(this);
        _thread = new Thread(Run) { IsBackground = true, Name = "b-zmq" };
        _thread.Start();
    }

    /// <summary>The published topics.</summary>
    internal IReadOnlyList<ZmqTopic> Topics { get; }

    /// <summary>Starts to publish; null if there is no topic.</summary>
    /// <exception cref="HostException">An address cannot be used.</exception>
    internal static ZmqPublisher? Start(NodeContext node, IReadOnlyList<ZmqTopic> topics)
        => topics.Count == 0 ? null : new ZmqPublisher(node, topics);

    public void BlockConnected(ChainBlock block, Block data)
    {
        // Already published under the gate, in order with the pool's changes.
    }

    public void BlockDisconnected(ChainBlock block, Block data)
    {
    }

    public void TipUpdated(ChainBlock tip)
    {
        // Not if the chain only lost blocks, and not while the node is catching up.
        if (!_node.IsInitialDownload
            && _node.Tree.IsActive(tip)
            && _lastTip?.Ancestor(Math.Min(tip.Height, _lastTip.Height)) != tip)
        {
            Say(() =>
            {
                Publish("hashblock", () => Reversed(tip.Hash), () => $"Publish hashblock {tip.Hash}");
                Publish("rawblock", () => _node.Tree.ReadBytes(tip), () => $"Publish rawblock {tip.Hash}");
            });
        }

        _lastTip = tip;
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _node.Pool.Added -= OnAdded;
        _node.Pool.Removed -= OnRemoved;
        _node.Pool.BlockTaken -= OnBlockTaken;
        _node.Pool.BlockLeft -= OnBlockLeft;
        _waiting.CompleteAdding();
        _thread.Join(s_patience);
    }

    private void OnAdded(PoolEntry entry)
    {
        Transaction transaction = entry.Transaction;
        ulong sequence = entry.Sequence;
        Say(() =>
        {
            PublishTransaction(transaction);
            PublishSequence(transaction.GetHash(), 'A', sequence);
        });
    }

    private void OnRemoved(PoolEntry entry, string reason)
    {
        if (reason != "block")
        {
            uint256 txid = entry.Txid;
            ulong sequence = _node.Pool.Sequence - 1;
            Say(() => PublishSequence(txid, 'R', sequence));
        }
    }

    private void OnBlockTaken(Block block, ChainBlock place) => Say(() =>
    {
        block.Transactions.ForEach(PublishTransaction);
        PublishSequence(place.Hash, 'C', null);
    });

    private void OnBlockLeft(Block block, ChainBlock place) => Say(() =>
    {
        block.Transactions.ForEach(PublishTransaction);
        PublishSequence(place.Hash, 'D', null);
    });

    private void PublishTransaction(Transaction transaction)
    {
        Publish("hashtx", () => Reversed(transaction.GetHash()), () => $"Publish hashtx {transaction.GetHash()}");
        Publish("rawtx", () => transaction.ToBytes(), () => $"Publish rawtx {transaction.GetHash()}");
    }

    private void PublishSequence(uint256 hash, char label, ulong? sequence)
    {
        Publish("sequence", () =>
        {
            byte[] number = new byte[sequence is null ? 0 : sizeof(ulong)];
            if (sequence is { } value)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            }

            return [.. Reversed(hash), (byte)label, .. number];
        }, () => $"Publish sequence {label} {hash}");
    }

    private void Publish(string name, Func<byte[]?> body, Func<string> text)
    {
        byte[]? bytes = null;
        foreach (Topic topic in _topics.Where(topic => topic.Value.Name == name))
        {
            bytes ??= body();
            if (bytes is null)
            {
                // The block was pruned in the meantime.
                return;
            }

            _log.Write("zmq", $"{text()} to {topic.Value.Address}");
            topic.Send(bytes);
        }
    }

    private void Say(Action what)
    {
        try
        {
            _waiting.Add(what);
        }
        catch (InvalidOperationException)
        {
            // Not published: the node is ending.
        }
    }

    private void Run()
    {
        foreach (Action what in _waiting.GetConsumingEnumerable())
        {
            try
            {
                what();
            }
            catch (Exception exception) when (exception is NetMQException or IOException or InvalidDataException)
            {
                _log.Write($"Warning: ZeroMQ: {exception.Message}");
            }
        }

        CloseSockets();
    }

    /// <summary>The socket of an address; several topics may share it.</summary>
    private PublisherSocket Socket(ZmqTopic topic)
    {
        if (_sockets.TryGetValue(topic.Address, out PublisherSocket? socket))
        {
            _log.Write("zmq", $"Reusing socket for address {topic.Address}");
            return socket;
        }

        socket = new PublisherSocket();
        _sockets.Add(topic.Address, socket);
        socket.Options.SendHighWatermark = topic.HighWaterMark;
        socket.Options.TcpKeepalive = true;
        socket.Options.IPv4Only = !topic.Address.Contains('[', StringComparison.Ordinal);
        socket.Bind(topic.Address);
        _log.Write("zmq", $"Notifier pub{topic.Name} ready (address = {topic.Address})");
        return socket;
    }

    private void CloseSockets()
    {
        foreach (PublisherSocket socket in _sockets.Values)
        {
            socket.Options.Linger = TimeSpan.Zero;
            socket.Dispose();
        }

        _sockets.Clear();
    }

    /// <summary>The bytes of a hash in the order of its text.</summary>
    private static byte[] Reversed(uint256 hash) => [.. hash.ToBytes().Reverse()];

    private sealed class Topic(ZmqTopic value, PublisherSocket socket)
    {
        private uint _number;

        internal ZmqTopic Value => value;

        internal void Send(byte[] body)
        {
            byte[] number = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(number, _number++);
            socket.SendMoreFrame(value.Name).SendMoreFrame(body).SendFrame(number);
        }
    }
}
