using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Wallet;
using Bitcoin.WalletHost;

// Named, so that the log of either side tells which thread called: the peer's worker bears the name too.
Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
using DebugLog log = DebugLog.OfProgram();
ToolkitIpc ipc = new(log, "wallet");
ThisProcess process = new("bitcoin-wallet");
WalletInit init = new(process, log, TextWriter.Synchronized(Console.Out));
return ipc.TryServeParent(args, init, out int exitCode)
    ? exitCode
    : new OutsideWallet(ipc, init, process, log).Run(args);
