using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Bitcoin.Chain;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>A connection to another node: its stream and its state.</summary>
/// <remarks>
/// States: connected; version known; established (both sides have acknowledged); ended. One task reads and handles one
/// message at a time, another one writes. The data that waits to be written is bounded: a peer that does not read is
/// disconnected.
/// </remarks>
internal sealed class Peer : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly Channel<byte[]> _toSend = Channel.CreateUnbounded<byte[]>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();
    private readonly ReadOnlyMemory<byte> _magic;
    private readonly TimeProvider _clock;
    private readonly long _maxWaiting;
    private long _waitingBytes;
    private int _isDisposed;
    private bool _wantsTransactions;

    internal Peer(
        long id,
        Socket socket,
        bool isInbound,
        string type,
        string name,
        NetAddress? address,
        ReadOnlyMemory<byte> magic,
        TimeProvider clock,
        long maxSendBytes,
        PeerRights rights)
    {
        Id = id;
        _socket = socket;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        IsInbound = isInbound;
        Type = type;
        Name = name;
        _magic = magic;
        _clock = clock;
        Rights = rights;

        // A whole block must fit, even if the option is smaller.
        _maxWaiting = Math.Clamp(maxSendBytes, 1_000_000, 1_000_000_000_000) * 20;
        Local = socket.LocalEndPoint as IPEndPoint;

        // With a proxy, the other end of the socket is not the peer.
        Address = address ?? NetAddress.From((IPEndPoint)socket.RemoteEndPoint!);
        Remote = address is null
            ? (IPEndPoint)socket.RemoteEndPoint!
            : new IPEndPoint(address.Ip ?? IPAddress.IPv6None, address.Port);
        Connected = clock.GetUtcNow();
        _ = Task.Run(WriteAll);
    }

    /// <summary>Called for all messages: the name, the payload, and whether the message was received.</summary>
    internal Action<Peer, string, byte[], bool>? Observed { get; init; }

    internal long Id { get; }

    internal bool IsInbound { get; }

    /// <summary>inbound, outbound-full-relay, manual, block-relay-only, feeler, addr-fetch.</summary>
    internal string Type { get; }

    /// <summary>The address as the user or a peer wrote it.</summary>
    internal string Name { get; }

    internal PeerRights Rights { get; }

    /// <summary>The peer's address, in any network.</summary>
    internal NetAddress Address { get; }

    /// <summary>The group of its address, as a text.</summary>
    internal required string NetGroup { get; init; }

    /// <summary>The peer's IP address; a placeholder for other networks.</summary>
    internal IPEndPoint Remote { get; }

    internal IPEndPoint? Local { get; }

    /// <summary>Whether the peer connected to an address for Tor.</summary>
    internal bool IsOnion { get; set; }

    /// <summary>The peer's network.</summary>
    internal string Network => IsOnion ? NetworkNames.Onion : Address.Network;

    internal DateTimeOffset Connected { get; }

    internal CancellationToken Ended => _ended.Token;

    internal bool HasEnded => Volatile.Read(ref _isDisposed) != 0;

    // What the peer says about itself. Written by the reading task.
    internal int Version { get; set; }

    internal ulong Services { get; set; }

    /// <summary>Whether it serves blocks with witnesses, all of them or the last ones.</summary>
    internal bool HasBlocks => (Services & PeerMessages.NodeWitness) != 0
        && (Services & (PeerMessages.NodeNetwork | PeerMessages.NodeLimited)) != 0;

    internal string UserAgent { get; set; } = "";

    internal int StartHeight { get; set; } = -1;

    /// <summary>Whether the peer wants transactions. Never on a connection for blocks only.</summary>
    internal bool WantsTransactions
    {
        get => _wantsTransactions && !IsForBlocks;
        set => _wantsTransactions = value;
    }

    /// <summary>Whether this node made the connection for blocks only: transactions go in no direction.</summary>
    internal bool IsForBlocks => Type == "block-relay-only";

    /// <summary>The peer's filter of blocks and transactions; null for none. Guarded by the group's gate.</summary>
    internal PeerFilter? Filter { get; set; }

    internal long TimeOffset { get; set; }

    internal IPEndPoint? SeesUsAs { get; set; }

    internal bool IsEstablished { get; set; }

    internal bool AnnouncesByWitness { get; set; }

    internal bool WantsHeaders { get; set; }

    /// <summary>Written by the reading task.</summary>
    internal ReconciliationState Reconciliation { get; set; }

    /// <summary>Whether the peer was asked to announce blocks by headers.</summary>
    internal bool IsAskedForHeaders { get; set; }

    internal bool WantsAddressesV2 { get; set; }

    // Compact blocks: whether the peer supports them; whether it wants each new block as one, without a request;
    // whether it was asked to send them so. The last is guarded by the group's gate.
    internal bool HasCompactBlocks { get; set; }

    internal bool WantsCompactBlocks { get; set; }

    internal bool IsAskedForCompactBlocks { get; set; }

    internal RelayRate FeeFilter { get; set; }

    // The fee filter that was sent to the peer, and when the next one may be sent. Guarded by the group's gate.
    internal long FeeFilterSent { get; set; }

    internal DateTimeOffset NextFeeFilter { get; set; }

    internal bool HasSentGetAddr { get; set; }

    /// <summary>Whether this node asked for headers after connecting, as it does with peers that have blocks.</summary>
    internal bool HasStartedSync { get; set; }

    /// <summary>The deadline for all headers. Guarded by the group's gate.</summary>
    internal DateTimeOffset HeadersUntil { get; set; }

    /// <summary>Whether headers were requested because of the hash of a block.</summary>
    internal bool HasAskedWithoutSync { get; set; }

    /// <summary>When headers were requested. They are not requested again before they arrive or are overdue.</summary>
    internal DateTimeOffset HeadersAsked { get; set; }

    /// <summary>
    /// Whether a block was announced while headers were requested: the answer may have been on its way before the
    /// block. Guarded by the group's gate.
    /// </summary>
    internal bool WantsHeadersAgain { get; set; }

    /// <summary>
    /// Whether received headers are being taken. Their blocks are requested in the form that suits an announcement, and
    /// no other thread may request them meanwhile. Guarded by the group's gate.
    /// </summary>
    internal bool IsTakingHeaders { get; set; }

    /// <summary>Takes headers that have not shown enough work; null for none. Used by the reading task.</summary>
    internal HeadersPresync? Presync { get; set; }

    internal bool RelaysAddresses { get; set; }

    internal int AddressesSeen { get; set; }

    internal int AddressesLimited { get; set; }

    /// <summary>Whether this node asked for addresses, and more may arrive.</summary>
    internal bool HasAskedForAddresses { get; set; }

    // Addresses; guarded by the group's gate.
    internal List<(NetAddress Address, ulong Services, long Time)> AddressesToSend { get; } = [];

    internal HashSet<NetAddress> KnownAddresses { get; } = [];

    internal DateTimeOffset NextAddresses { get; set; }

    internal DateTimeOffset NextOwnAddress { get; set; }

    private double _addressTokens = 1;
    private DateTimeOffset _addressTokensSince;

    // Chain state; guarded by the group's gate.
    internal ChainBlock? BestKnown { get; set; }

    internal uint256? UnknownHash { get; set; }

    internal ChainBlock? BestSent { get; set; }

    internal Dictionary<uint256, BlockRequest> InFlight { get; } = [];

    /// <summary>When the wait for the first of them began.</summary>
    internal DateTimeOffset DownloadingSince { get; set; }

    /// <summary>When it began to delay blocks that other peers could send; null if it does not.</summary>
    internal DateTimeOffset? StallingSince { get; set; }

    internal ChainSync Sync { get; } = new();

    // Transactions; guarded by the group's gate.
    internal HashSet<uint256> KnownTransactions { get; } = [];

    internal HashSet<uint256> ToAnnounce { get; } = [];

    internal ulong LastSequence { get; set; }

    /// <summary>
    /// When the next announcements are sent. They are delayed, so that nobody sees which node had a transaction first.
    /// </summary>
    internal DateTimeOffset NextAnnouncement { get; set; }

    // Pings; guarded by the group's gate.
    internal ulong PingNonce { get; set; }

    internal DateTimeOffset PingSent { get; set; }

    internal TimeSpan? LastPing { get; set; }

    internal TimeSpan? BestPing { get; set; }

    internal bool WantsPing { get; set; }

    internal DateTimeOffset LastSend { get; private set; }

    internal DateTimeOffset LastReceive { get; private set; }

    internal DateTimeOffset LastBlock { get; set; }

    internal DateTimeOffset LastTransaction { get; set; }

    internal long BytesSent { get; private set; }

    internal long BytesReceived { get; private set; }

    internal ConcurrentDictionary<string, long> SentByMessage { get; } = new();

    internal ConcurrentDictionary<string, long> ReceivedByMessage { get; } = new();

    /// <summary>Records that the peer knows an address.</summary>
    /// <returns>Whether it did not know it before.</returns>
    internal bool KnowsAddress(NetAddress address)
    {
        const int Most = 5000;
        if (KnownAddresses.Count >= Most)
        {
            KnownAddresses.Clear();
        }

        return KnownAddresses.Add(address);
    }

    internal void ForgetAddresses() => KnownAddresses.Clear();

    /// <summary>Adds tokens for the time that has passed: the peer may announce one address for each token.</summary>
    internal void RefillAddressTokens(DateTimeOffset now, double perSecond, double most)
    {
        if (_addressTokens < most)
        {
            _addressTokens = Math.Min(
                most,
                _addressTokens
                    + (Math.Max(
                        0, (now - (_addressTokensSince == default ? Connected : _addressTokensSince)).TotalSeconds)
                        * perSecond));
        }

        _addressTokensSince = now;
    }

    /// <summary>Adds tokens for an answer that this node requested.</summary>
    internal void AddAddressTokens(int count) => _addressTokens += count;

    /// <summary>Takes a token; false if there is none.</summary>
    internal bool TakeAddressToken()
    {
        if (_addressTokens < 1)
        {
            return false;
        }

        _addressTokens--;
        return true;
    }

    internal bool May(PeerRights right) => (Rights & right) == right;

    internal void Send(string name, byte[]? payload = null)
    {
        Observed?.Invoke(this, name, payload ?? [], false);
        byte[] frame = Frame.Write(_magic.Span, name, payload ?? []);
        if (Interlocked.Add(ref _waitingBytes, frame.Length) > _maxWaiting)
        {
            Dispose();
            return;
        }

        SentByMessage.AddOrUpdate(name, frame.Length, (_, sum) => sum + frame.Length);
        _toSend.Writer.TryWrite(frame);
    }

    /// <summary>Reads the next message.</summary>
    /// <returns>Name and payload; a null payload for a message that is skipped; null at the end.</returns>
    internal async Task<(string Name, byte[] Payload)?> Read(Action<string> log, IReadOnlySet<string> known)
    {
        byte[] header = new byte[Frame.HeaderBytes];
        while (true)
        {
            if (!await Fill(header).ConfigureAwait(false))
            {
                return null;
            }

            string name = Frame.Name(header, out bool isName);
            int length = BitConverter.ToInt32(header, 16);
            if (!header.AsSpan(0, 4).SequenceEqual(_magic.Span))
            {
                log(
                    $"Header error: Wrong MessageStart {Convert.ToHexStringLower(header.AsSpan(0, 4))} received, "
                        + $"peer={Id}");
                return null;
            }

            if (length is < 0 or > Frame.MaxPayloadBytes)
            {
                log($"Header error: Size too large ({name}, {(uint)length} bytes), peer={Id}");
                return null;
            }

            byte[] payload = new byte[length];
            if (!await Fill(payload).ConfigureAwait(false))
            {
                return null;
            }

            Count(known.Contains(name) ? name : "*other*", Frame.HeaderBytes + length);
            byte[] checksum = Frame.Checksum(payload);
            if (!checksum.AsSpan().SequenceEqual(header.AsSpan(20, 4)))
            {
                log(
                    $"Header error: Wrong checksum ({name}, {length} bytes), expected "
                        + $"{Convert.ToHexStringLower(checksum)} was {Convert.ToHexStringLower(header.AsSpan(20, 4))}, "
                        + $"peer={Id}");
                continue;
            }

            if (!isName)
            {
                log($"Header error: Invalid message type ({length} bytes), peer={Id}");
                continue;
            }

            Observed?.Invoke(this, name, payload, true);
            return (name, payload);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _ended.Cancel();
        _toSend.Writer.TryComplete();
        _stream.Dispose();
    }

    private void Count(string name, int bytes)
    {
        ReceivedByMessage.AddOrUpdate(name, bytes, (_, sum) => sum + bytes);
        LastReceive = _clock.GetUtcNow();
    }

    private async Task<bool> Fill(byte[] buffer)
    {
        try
        {
            for (int done = 0; done < buffer.Length;)
            {
                int read = await _stream.ReadAsync(buffer.AsMemory(done), Ended).ConfigureAwait(false);
                if (read == 0)
                {
                    return false;
                }

                done += read;
                BytesReceived += read;
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException
            or SocketException
            or ObjectDisposedException
            or OperationCanceledException)
        {
            return false;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends the stream ends the connection.")]
    private async Task WriteAll()
    {
        try
        {
            await foreach (byte[] frame in _toSend.Reader.ReadAllAsync(Ended).ConfigureAwait(false))
            {
                await _stream.WriteAsync(frame, Ended).ConfigureAwait(false);
                Interlocked.Add(ref _waitingBytes, -frame.Length);
                BytesSent += frame.Length;
                LastSend = _clock.GetUtcNow();
            }
        }
        catch (Exception)
        {
            Dispose();
        }
    }
}
