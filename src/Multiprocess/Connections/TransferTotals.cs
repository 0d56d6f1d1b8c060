namespace Multiprocess.Connections;

/// <summary>The numbers of bytes and messages transferred over connections.</summary>
internal readonly record struct TransferTotals(
    long BytesSent,
    long MessagesSent,
    long BytesReceived,
    long MessagesReceived)
{
    public static TransferTotals operator +(TransferTotals one, TransferTotals other)
        => new(
            one.BytesSent + other.BytesSent,
            one.MessagesSent + other.MessagesSent,
            one.BytesReceived + other.BytesReceived,
            one.MessagesReceived + other.MessagesReceived);
}
