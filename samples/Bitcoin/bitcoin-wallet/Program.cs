using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Wallet;
using Bitcoin.WalletHost;
using Multiprocess;

using DebugLog log = new();
ThisProcess process = new("bitcoin-wallet");
WalletInit init = new(process, log, Console.Out);
if (IpcParent.TryServe<IInit>(args, _ => init, out int exitCode, new IpcConnectionOptions { LoggerFactory = log }))
{
    return exitCode;
}

return ClientProgram.Run(args, process, log);
