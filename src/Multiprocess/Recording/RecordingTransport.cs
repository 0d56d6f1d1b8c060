using System.Buffers;
using System.Globalization;
using System.Text;
using Multiprocess.Framing;
using Multiprocess.Locks;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Recording;

/// <summary>
/// A transport that records each frame sent and received through it, in the order in which this end saw them.
/// </summary>
/// <remarks>Not in the folder of the other transports, because those do not know about frames.</remarks>
internal sealed class RecordingTransport(Transport inner, RecordFile file, bool isClient) : Transport
{
    // Guards the fields below. Held during a send, which never blocks, so that the answer is recorded after the
    // request.
    private readonly Lock _lock = new();
    private readonly Line _sent = new(isClient);
    private readonly Line _received = new(!isClient);

    public override string Description => inner.Description;

    public override IpcPeer Peer => inner.Peer;

    public override bool CanWaitBesideReceiver => inner.CanWaitBesideReceiver;

    public override bool IsRemote => inner.IsRemote;

    public override string? Refusal => inner.Refusal;

    public override bool PassesDescriptors => inner.PassesDescriptors;

    public override void PassDescriptors(long position, NativeHandle[] descriptors)
        => inner.PassDescriptors(position, descriptors);

    public override void ExpectDescriptors() => inner.ExpectDescriptors();

    public override PassedDescriptors? TakeDescriptors() => inner.TakeDescriptors();

    public override int TryReceive(Span<byte> buffer) => Received(buffer, inner.TryReceive(buffer));

    public override int Receive(Span<byte> buffer) => Received(buffer, inner.Receive(buffer));

    public override bool? PeerHasClosed => inner.PeerHasClosed;

    public override bool WaitToReceive(int milliseconds) => inner.WaitToReceive(milliseconds);

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using (Uninterruptible.Enter(_lock))
        {
            int sent = inner.TrySend(first, second);
            if (sent > 0)
            {
                int ofFirst = Math.Min(sent, first.Length);
                Record(_sent, first[..ofFirst]);
                Record(_sent, second[..(sent - ofFirst)]);
            }

            return sent;
        }
    }

    public override bool WaitToSend(int milliseconds) => inner.WaitToSend(milliseconds);

    public override void Close() => inner.Close();

    public override void Dispose()
    {
        inner.Dispose();
        using (Uninterruptible.Enter(_lock))
        {
            if (file.IsOpen)
            {
                file.WriteComments([.. _sent.CutOff, .. _received.CutOff, "the connection has ended"]);
                file.Dispose();
            }
        }
    }

    private int Received(ReadOnlySpan<byte> buffer, int count)
    {
        if (count > 0)
        {
            using (Uninterruptible.Enter(_lock))
            {
                Record(_received, buffer[..count]);
            }
        }

        return count;
    }

    private void Record(Line line, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && file.IsOpen)
        {
            bytes = bytes[line.Add(bytes, file.Free, out bool isAtEnd, out bool isTooLong)..];
            if (isTooLong)
            {
                file.EndAtLimit();
            }
            else if (isAtEnd)
            {
                file.WriteLine(line.Text);
                line.Begin();
            }
        }
    }

    /// <summary>
    /// The incomplete frame of one direction, as its future text. It is kept only as long as it fits into the file.
    /// </summary>
    private sealed class Line
    {
        private const int KeptBytes = 64 * 1024;
        private const int ShownCharacters = 100;

        private readonly byte _sign;
        private ArrayBufferWriter<byte> _text = new();
        private FrameCursor _cursor;

        public Line(bool isOfClient)
        {
            _sign = (byte)(isOfClient ? '>' : '<');
            Begin();
        }

        public ReadOnlySpan<byte> Text => _text.WrittenSpan;

        /// <summary>The comment for a frame of which only the beginning was transferred.</summary>
        public IEnumerable<string> CutOff
            => _text.WrittenCount > 2
                ? [string.Create(
                    CultureInfo.InvariantCulture,
                    $"cut off after {(_text.WrittenCount - 2) / 2} bytes: "
                        + $"{Encoding.ASCII.GetString(Text[..Math.Min(ShownCharacters, Text.Length)])}")]
                : [];

        /// <summary>Starts the next frame.</summary>
        public void Begin()
        {
            if (_text.Capacity > KeptBytes)
            {
                _text = new ArrayBufferWriter<byte>();
            }

            _text.ResetWrittenCount();
            _text.Write([_sign, (byte)' ']);
        }

        /// <summary>Takes bytes up to the end of the frame, and adds the line break there.</summary>
        /// <returns>The number of bytes taken.</returns>
        public int Add(ReadOnlySpan<byte> bytes, long free, out bool isAtEnd, out bool isTooLong)
        {
            int taken = _cursor.Advance(bytes, out isAtEnd);
            isTooLong = _text.WrittenCount + (2L * taken) + 1 > free;
            if (!isTooLong)
            {
                Convert.TryToHexStringLower(bytes[..taken], _text.GetSpan(2 * taken), out int written);
                _text.Advance(written);
                if (isAtEnd)
                {
                    _text.Write("\n"u8);
                }
            }

            return taken;
        }
    }
}
