using Bitcoin.Interfaces.Converters;
using Multiprocess;

// NBitcoin's types are serialised as on the Bitcoin network. So contracts name the types, and never byte arrays.
[assembly: IpcConverter(typeof(HashConverter))]
[assembly: IpcConverter(typeof(MoneyConverter))]
[assembly: IpcConverter(typeof(OutPointConverter))]
[assembly: IpcConverter(typeof(OutputConverter))]
[assembly: IpcConverter(typeof(ScriptConverter))]
[assembly: IpcConverter(typeof(TransactionConverter))]
[assembly: IpcConverter(typeof(BlockConverter))]
[assembly: IpcConverter(typeof(BlockHeaderConverter))]
[assembly: IpcConverter(typeof(PsbtConverter))]
