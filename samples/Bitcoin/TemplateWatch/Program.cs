using Bitcoin.Core;
using Multiprocess;

// template-watch [unix:/path/to/node.sock]: follows the block templates of a node of Bitcoin Core 31, or of this
// sample, and prints their fees as they come.
const long feeStep = 1000;
string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
string address = args.Length > 0 ? args[0] : "unix:" + Path.Combine(home, ".bitcoin", "node.sock");
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
try
{
    using CoreNode node = CoreNode.Connect(address);
    IMining mining = node.Init.MakeMining();
    IBlockTemplate? template = mining.CreateNewBlock(new(), cooldown: !mining.IsTestChain(), stop.Token);
    while (template is not null)
    {
        long[] fees = template.GetTxFees();
        Console.WriteLine(
            $"height {mining.GetTip()?.Height + 1}: {fees.Length} transactions, fees {fees.Sum() / 1e8m:0.00000000} BTC");

        // Waits in the node until there is a new block, or until the fees have risen.
        IBlockTemplate? next = template.WaitNext(new() { FeeThreshold = feeStep }, stop.Token);
        template.Dispose();
        template = next;
    }

    return 0;
}
catch (Exception exception) when (exception is IpcException or OperationCanceledException)
{
    Console.Error.WriteLine(stop.IsCancellationRequested ? "stopped" : $"error: {exception.Message}");
    return stop.IsCancellationRequested ? 0 : 1;
}
