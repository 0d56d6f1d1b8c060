// NBitcoin has names of its own for these.
global using FeeRate = Bitcoin.Wallet.Spending.FeeRate;
global using PsbtError = Bitcoin.Interfaces.PsbtError;
