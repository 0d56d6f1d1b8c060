using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Bitcoin.Chain;
using Bitcoin.Node.Mempool;
using Bitcoin.Node.Net.Transport;
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
    private readonly PeerStream _stream;
    private readonly TransportKind _start;
    private readonly TaskCompletionSource<IPeerTransport> _canSend = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<(string Name, byte[] Payload)> _toSend = Channel.CreateUnbounded<(string, byte[])>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();
    private readonly ReadOnlyMemory<byte> _magic;
    private readonly long _maxWaiting;
    private long _waitingBytes;
    private int _isDisposed;
    private bool _wantsTransactions;

    // Used by the reading task.
    private IPeerTransport? _transport;

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
        PeerRights rights,
        TransportKind start = TransportKind.Plain)
    {
        Id = id;
        socket.NoDelay = true;
        _stream = new PeerStream(socket, clock, _ended.Token);
        IsInbound = isInbound;
        Type = type;
        Name = name;
        _magic = magic;
        _start = start;
        Transport = start == TransportKind.Plain ? TransportKind.Plain : TransportKind.Detecting;
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
        if (start == TransportKind.Plain)
        {
            _canSend.SetResult(new PlainTransport(_stream, magic, Log));
        }

        _ = Task.Run(WriteAll);
    }

    /// <summary>How messages cross the connection.</summary>
    internal TransportKind Transport { get; private set; }

    /// <summary>What both sides of an encrypted connection have in common; empty for others.</summary>
    internal string SessionId { get; private set; } = "";

    /// <summary>
    /// Whether the peer ended the connection when it saw an encrypted one begin: it may not know them.
    /// </summary>
    internal bool MayWantPlain
        => _start == TransportKind.Encrypted && BytesReceived == 0 && BytesSent >= Frame.HeaderBytes;

    /// <summary>Takes lines for the log.</summary>
    internal Action<string>? Logged { get; init; }

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

    /// <summary>Whether this node made the connection to give an own transaction away.</summary>
    internal bool IsPrivate => Type == PrivateBroadcast.ConnectionType;

    /// <summary>The proxy of another network through which the peer was reached; null for none.</summary>
    internal Proxy? Through { get; init; }

    /// <summary>What is needed as long as the connection lasts; null for nothing.</summary>
    internal IDisposable? Kept { get; init; }

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

    internal DateTimeOffset LastSend => _stream.LastSend;

    internal DateTimeOffset LastReceive => _stream.LastReceive;

    internal DateTimeOffset LastBlock { get; set; }

    internal DateTimeOffset LastTransaction { get; set; }

    internal long BytesSent => _stream.BytesSent;

    internal long BytesReceived => _stream.BytesReceived;

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
        if (IsPrivate && !PrivateBroadcast.MaySend(name))
        {
            return;
        }

        Observed?.Invoke(this, name, payload ?? [], false);
        if (Interlocked.Add(ref _waitingBytes, (payload?.Length ?? 0) + Frame.HeaderBytes) > _maxWaiting)
        {
            Dispose();
            return;
        }

        _toSend.Writer.TryWrite((name, payload ?? []));
    }

    /// <summary>Reads the next message. Before the first one, finds out how messages cross the connection.</summary>
    /// <returns>Name and payload; null at the end.</returns>
    internal async Task<(string Name, byte[] Payload)?> Read(IReadOnlySet<string> known)
    {
        _transport ??= await Begin().ConfigureAwait(false);
        while (_transport is not null && await _transport.Read().ConfigureAwait(false) is { } message)
        {
            ReceivedByMessage.AddOrUpdate(
                known.Contains(message.Name) ? message.Name : "*other*",
                message.Bytes,
                (_, sum) => sum + message.Bytes);
            if (message.Payload is { } payload)
            {
                Observed?.Invoke(this, message.Name, payload, true);
                return (message.Name, payload);
            }
        }

        // Here and not in Dispose, which another thread may call while a packet is decrypted.
        _transport?.Dispose();
        return null;
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
        Kept?.Dispose();
    }

    private void Log(string text) => Logged?.Invoke($"{text}, peer={Id}");

    private async Task<IPeerTransport?> Begin()
    {
        if (_start == TransportKind.Plain)
        {
            return await _canSend.Task.ConfigureAwait(false);
        }

        byte[] first = [];
        if (_start == TransportKind.Encrypted)
        {
            Logged?.Invoke($"start sending v2 handshake to peer={Id}");
        }
        else if (await DetectPlain().ConfigureAwait(false) is (var begun, var isPlain))
        {
            if (isPlain)
            {
                _stream.PutBack(begun);
                PlainTransport plain = new(_stream, _magic, Log);
                Transport = TransportKind.Plain;
                _canSend.SetResult(plain);
                return plain;
            }

            first = begun;
        }
        else
        {
            return null;
        }

        EncryptedTransport? encrypted = await EncryptedTransport.Agree(
            _stream, first, !IsInbound, _magic, Log, _canSend.SetResult).ConfigureAwait(false);
        if (encrypted is not null)
        {
            SessionId = Convert.ToHexStringLower(encrypted.SessionId);
            Transport = TransportKind.Encrypted;
        }

        return encrypted;
    }

    /// <summary>Reads as many bytes as it takes to know whether plain messages come.</summary>
    /// <returns>The bytes, and whether they begin a plain message; null at the end.</returns>
    private async Task<(byte[] Begun, bool IsPlain)?> DetectPlain()
    {
        byte[] prefix = PlainTransport.Prefix(_magic.Span);
        byte[] first = new byte[prefix.Length];
        for (int i = 0; i < first.Length; i++)
        {
            if (!await _stream.Fill(first.AsMemory(i, 1)).ConfigureAwait(false))
            {
                return null;
            }

            if (first[i] != prefix[i])
            {
                return (first[..(i + 1)], false);
            }
        }

        return (first, true);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends the stream ends the connection.")]
    private async Task WriteAll()
    {
        try
        {
            IPeerTransport transport = await _canSend.Task.WaitAsync(Ended).ConfigureAwait(false);
            await foreach ((string name, byte[] payload) in _toSend.Reader.ReadAllAsync(Ended).ConfigureAwait(false))
            {
                byte[] frame = transport.Write(name, payload);
                SentByMessage.AddOrUpdate(name, frame.Length, (_, sum) => sum + frame.Length);
                await _stream.Write(frame).ConfigureAwait(false);
                Interlocked.Add(ref _waitingBytes, -(payload.Length + Frame.HeaderBytes));
            }
        }
        catch (Exception)
        {
            Dispose();
        }
    }
}
