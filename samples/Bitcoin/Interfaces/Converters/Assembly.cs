using Bitcoin.Interfaces.Converters;
using Multiprocess;

// NBitcoin's types cross as what they are on Bitcoin's own network: the contracts name them, and no contract names
// bytes.
[assembly: IpcConverter(typeof(HashConverter))]
[assembly: IpcConverter(typeof(MoneyConverter))]
[assembly: IpcConverter(typeof(OutPointConverter))]
[assembly: IpcConverter(typeof(OutputConverter))]
[assembly: IpcConverter(typeof(ScriptConverter))]
[assembly: IpcConverter(typeof(TransactionConverter))]
[assembly: IpcConverter(typeof(BlockConverter))]
[assembly: IpcConverter(typeof(BlockHeaderConverter))]
[assembly: IpcConverter(typeof(PsbtConverter))]
