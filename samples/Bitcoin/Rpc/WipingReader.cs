using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Bitcoin.Rpc;

/// <summary>Reads a pipe, and wipes what was consumed before its memory is used for something else.</summary>
internal sealed class WipingReader(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _last;
    private bool _isReading;

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result) && Note(result);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
        if (!reading.IsCompletedSuccessfully)
        {
            return Wait(reading);
        }

        ReadResult read = reading.Result;
        Note(read);
        return new ValueTask<ReadResult>(read);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isReading)
        {
            Wipe(_last.Slice(_last.Start, consumed));
            Forget();
        }

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (_isReading)
        {
            Wipe(_last);
            Forget();
        }

        inner.Complete(exception);
    }

    private async ValueTask<ReadResult> Wait(ValueTask<ReadResult> reading)
    {
        ReadResult read = await reading.ConfigureAwait(false);
        Note(read);
        return read;
    }

    private bool Note(ReadResult read)
    {
        _last = read.Buffer;
        _isReading = true;
        return true;
    }

    private void Forget()
    {
        _last = default;
        _isReading = false;
    }

    private static void Wipe(ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> part in bytes)
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(part).Span);
        }
    }
}
